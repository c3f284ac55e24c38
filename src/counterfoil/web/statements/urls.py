"""The addresses of statements of account."""

from django.urls import path

from counterfoil.web.statements import mailing, views

urlpatterns = [
    path("customers/<int:key>/statement", views.statement, name="customer-statement"),
    path("customers/<int:key>/statement.pdf", views.pdf, name="customer-statement-pdf"),
    path("customers/<int:key>/statement/email", mailing.send, name="customer-statement-mail"),
    path("statements/email", mailing.send_many, name="statements-mail"),
    path("statements/<int:key>", mailing.sent_round, name="statement-round"),
    path("statements/<int:key>/progress", mailing.round_progress, name="statement-round-progress"),
    path("statements/<int:key>/cancel", mailing.cancel_round, name="statement-round-cancel"),
]
