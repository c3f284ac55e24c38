"""The addresses of the exceptions."""

from django.urls import path

from counterfoil.web.exceptions import leakage, views

urlpatterns = [
    path("exceptions/", views.exceptions, name="exceptions"),
    path("exceptions/confirm", views.confirm, name="exceptions-confirm"),
    path("exceptions/late-amount", views.late_amount, name="exceptions-late-amount"),
    path("exceptions/reactivate", views.reactivate, name="exceptions-reactivate"),
    path("exceptions/leakage", leakage.leakage, name="leakage"),
    path("exceptions/leakage/events", leakage.events, name="leaking-events"),
    path("exceptions/leakage/amounts", leakage.amounts, name="leakage-amounts"),
]
