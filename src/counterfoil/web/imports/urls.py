"""The addresses of imports and exports."""

from django.urls import path

from counterfoil.web.imports import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("exports/<str:kind>.<str:ending>", views.export, name="export"),
]
