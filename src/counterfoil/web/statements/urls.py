"""The addresses of statements of account."""

from django.urls import path

from counterfoil.web.statements import views

urlpatterns = [
    path("customers/<int:key>/statement", views.statement, name="customer-statement"),
    path("customers/<int:key>/statement.pdf", views.pdf, name="customer-statement-pdf"),
]
