"""The addresses of the organisation's page and of its branches."""

from django.urls import path

from counterfoil.web.organisation import branches, customer_mode, views

urlpatterns = [
    path("organisation", views.organisation, name="organisation"),
    path("customer-mode", customer_mode.customer_mode, name="customer-mode"),
    path("customer-mode/foresee", customer_mode.foresee, name="customer-mode-foresee"),
    path("customer-mode/move", customer_mode.move, name="customer-mode-move"),
    path("customer-mode/undo", customer_mode.undo, name="customer-mode-undo"),
    path("branches/", branches.branches, name="branches"),
    path("branches/new", branches.new, name="branch-new"),
    path("branches/<int:key>", branches.branch, name="branch"),
    path("branches/<int:key>/edit", branches.edit, name="branch-edit"),
]
