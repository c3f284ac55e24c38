"""The addresses of consolidated billings."""

from django.urls import path

from counterfoil.web.consolidating import batch, by_hand, many, rolling, settings, views

urlpatterns = [
    path("consolidated/", views.billings, name="billings"),
    path("consolidated/<int:key>", views.billing, name="billing"),
    path("consolidated/<int:key>.pdf", views.pdf, name="billing-pdf"),
    path("consolidated/print", many.print_many, name="billings-print"),
    path("consolidated/email", many.email, name="billings-email"),
    path("consolidated/void", many.void, name="billings-void"),
    path("consolidated/new", by_hand.new, name="billing-new"),
    path("consolidated/<int:key>/edit", by_hand.edit, name="billing-edit"),
    path("consolidated/batch", batch.new, name="billing-batch-new"),
    path("consolidated/batches/<int:key>", batch.made, name="billing-batch"),
    path("consolidated/batches/<int:key>.pdf", batch.pdf, name="billing-batch-pdf"),
    path("consolidated/roll", rolling.roll, name="billings-roll"),
    path("invoices/queue", many.put, name="invoices-queue"),
    path("invoices/release", many.release, name="invoices-release"),
    path("customers/<int:key>/consolidation", settings.edit, name="customer-consolidation"),
]
