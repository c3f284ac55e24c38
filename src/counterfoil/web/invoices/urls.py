"""The addresses of invoices."""

from django.urls import path

from counterfoil.web.invoices import crediting, drafts, lines, many, selling, views

urlpatterns = [
    path("invoices/", views.invoices, name="invoices"),
    path("invoices/send", many.send, name="invoices-send"),
    path("invoices/credit", many.credit, name="invoices-credit"),
    path("invoices/void", many.void, name="invoices-void"),
    path("credit-notes/", views.credit_notes, name="credit-notes"),
    path("invoices/<int:key>", views.invoice, name="invoice"),
    path("invoices/new", selling.new, name="sale-new"),
    path("invoices/<int:key>/change", selling.change, name="sale-change"),
    path("invoices/<int:key>.pdf", views.pdf, name="invoice-pdf"),
    path("invoices/<int:key>/summary.pdf", views.summary, name="invoice-summary"),
    path("invoices/<int:key>/credit", crediting.credit, name="invoice-credit"),
    path("invoices/<int:key>/void", crediting.void, name="invoice-void"),
    path("runs/<int:run>/hold", drafts.hold, name="drafts-hold"),
    path("runs/<int:run>/release", drafts.release, name="drafts-release"),
    path("runs/<int:run>/exclude", drafts.exclude, name="drafts-exclude"),
    path("runs/<int:run>/redate", drafts.redate, name="drafts-redate"),
    path("runs/<int:run>/rerate", drafts.rerate, name="drafts-rerate"),
    path("runs/<int:run>/waive", lines.waive, name="lines-waive"),
    path("runs/<int:run>/adjust", lines.adjust, name="lines-adjust"),
]
