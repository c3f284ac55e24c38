"""The addresses of the exceptions."""

from django.urls import path

from counterfoil.web.exceptions import views

urlpatterns = [
    path("exceptions/", views.exceptions, name="exceptions"),
    path("exceptions/confirm", views.confirm, name="exceptions-confirm"),
]
