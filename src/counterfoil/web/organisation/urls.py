"""The addresses of the organisation's page and of its branches."""

from django.urls import path

from counterfoil.web.organisation import branches, views

urlpatterns = [
    path("organisation", views.organisation, name="organisation"),
    path("branches/", branches.branches, name="branches"),
    path("branches/new", branches.new, name="branch-new"),
    path("branches/<int:key>", branches.branch, name="branch"),
    path("branches/<int:key>/edit", branches.edit, name="branch-edit"),
]
