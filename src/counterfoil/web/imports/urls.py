"""The addresses of imports and exports."""

from django.urls import path

from counterfoil.web.imports import kept, views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/columns", views.columns, name="import-columns"),
    path("imports/<str:kind>-sample.csv", views.sample, name="import-sample"),
    path("imports/<str:kind>.csv", views.header, name="import-header"),
    path("file-imports/<int:key>", kept.page, name="file-import"),
    path("file-imports/<int:key>/progress", kept.progress, name="file-import-progress"),
    path("file-imports/<int:key>/take-in", kept.take_in, name="file-import-take-in"),
    path("file-imports/<int:key>/cancel", kept.cancel, name="file-import-cancel"),
    path("file-imports/<int:key>/go-on", kept.go_on, name="file-import-go-on"),
    path("file-imports/<int:key>/errors.csv", kept.errors, {"ending": "csv"}, name="file-import-errors-csv"),
    path(
        "file-imports/<int:key>/errors.xlsx", kept.errors, {"ending": "xlsx"}, name="file-import-errors-xlsx"
    ),
    path("exports/<str:kind>.<str:ending>", views.export, name="export"),
]
