"""The address of the imports."""

from django.urls import path

from counterfoil.web.imports import views

urlpatterns = [path("imports/", views.imports, name="imports")]
