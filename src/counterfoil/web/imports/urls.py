"""The addresses of imports and exports."""

from django.urls import path

from counterfoil.web.imports import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/columns", views.columns, name="import-columns"),
    path("imports/<str:kind>-sample.csv", views.sample, name="import-sample"),
    path("imports/<str:kind>.csv", views.header, name="import-header"),
    path("exports/<str:kind>.<str:ending>", views.export, name="export"),
]
