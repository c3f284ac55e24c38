"""The addresses of the audit trail and of the history of one record."""

from django.urls import path

from counterfoil.web.audit import histories, views

urlpatterns = [
    path("audit/", views.audit, name="audit"),
    path("history/<str:kind>/<int:key>", histories.history, name="history"),
]
