"""The addresses of charges."""

from django.urls import path

from counterfoil.web.charges import views

urlpatterns = [
    path("charges/<int:key>", views.charge, name="charge"),
    path("charges/<int:key>/edit", views.edit, name="charge-edit"),
    path("clients/<int:client>/charges/new", views.new, name="charge-new"),
]
