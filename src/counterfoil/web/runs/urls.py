"""The addresses of runs."""

from django.urls import path

from counterfoil.web.runs import deciding, outcome, previewing, variance, views, voiding

urlpatterns = [
    path("runs/", views.runs, name="runs"),
    path("runs/new", views.new, name="run-new"),
    path("runs/<int:key>", views.run, name="run"),
    path("runs/<int:key>/customers", views.customers, name="run-customers"),
    path("runs/<int:key>/lines", views.lines, name="run-lines"),
    path("runs/<int:key>/workbook", previewing.run_workbook, name="run-workbook"),
    path("runs/<int:key>/variance", views.variance, name="run-variance"),
    path("runs/<int:key>/compare", variance.compare, name="run-compare"),
    path("runs/<int:key>/exceptions", views.exceptions, name="run-exceptions"),
    path("runs/<int:key>/exceptions/confirm", outcome.confirm, name="run-exceptions-confirm"),
    path("runs/<int:key>/deliveries", views.deliveries, name="run-deliveries"),
    path("runs/<int:key>/resend", outcome.resend, name="run-resend"),
    path("runs/<int:key>/reconciliation", views.reconciliation, name="run-reconciliation"),
    path("runs/<int:key>/reconciliation.xlsx", outcome.reconciliation_file, name="run-reconciliation-file"),
    path("runs/<int:key>/ran", views.ran, name="run-ran"),
    path("runs/<int:key>/add-up", outcome.add_up, name="run-add-up"),
    path("runs/<int:key>/progress", views.progress, name="run-progress"),
    path("runs/<int:key>/authorise", deciding.authorise, name="run-authorise"),
    path("runs/<int:key>/abandon", deciding.abandon, name="run-abandon"),
    path("runs/<int:key>/void", voiding.void, name="run-void"),
    path("runs/<int:key>/credit", voiding.credit, name="run-credit"),
    path("runs/<int:key>/resume", deciding.resume, name="run-resume"),
]
