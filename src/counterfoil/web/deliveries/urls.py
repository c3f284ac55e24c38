"""The addresses of the deliveries and of the log of e-mails."""

from django.urls import path

from counterfoil.web.deliveries import again, mails, views

urlpatterns = [
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/again", again.resend, name="deliveries-resend"),
    path("emails/", mails.mails, name="mails"),
    path("invoices/<int:key>/email", mails.send, name="invoice-mail"),
]
