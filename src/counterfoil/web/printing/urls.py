"""The addresses of print batches."""

from django.urls import path

from counterfoil.web.printing import reports, views

urlpatterns = [
    path("clients/<int:key>/report.pdf", reports.of_client, name="client-report"),
    path("events/<int:key>/report.pdf", reports.of_event, name="event-report"),
    path("invoices/print", views.ticked, name="invoices-print"),
    path("credit-notes/print", views.ticked_credit_notes, name="credit-notes-print"),
    path("unprinted", views.unprinted, name="unprinted"),
    path("unprinted/count", views.unprinted_count, name="unprinted-count"),
    path("runs/<int:key>/print", views.of_run, name="run-print"),
    path("print-batches/<int:key>", views.batch, name="print-batch"),
    path("print-batches/<int:key>/progress", views.progress, name="print-batch-progress"),
    path("print-batches/<int:key>/<int:number>.pdf", views.part, name="print-batch-part"),
]
