"""The addresses of batch definitions."""

from django.urls import path

from counterfoil.web.definitions import views

urlpatterns = [
    path("definitions/", views.definitions, name="definitions"),
    path("definitions/new", views.new, name="definition-new"),
    path("definitions/<int:key>", views.edit, name="definition-edit"),
]
