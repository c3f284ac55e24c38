"""The addresses of the billing links."""

from django.urls import path

from counterfoil.web.links import views

urlpatterns = [
    path("billing-links/", views.links, name="billing-links"),
    path("billing-links/new", views.new, name="billing-link-new"),
    path("billing-links/sample", views.show_sample, name="billing-link-sample"),
    path("billing-links/<int:key>", views.edit, name="billing-link-edit"),
]
