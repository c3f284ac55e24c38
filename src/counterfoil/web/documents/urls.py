"""The addresses of the documents' settings."""

from django.urls import path

from counterfoil.web.documents import views

urlpatterns = [
    path("documents", views.settings, name="documents"),
    path("documents/preview", views.preview, name="documents-preview"),
    path("documents/sample.pdf", views.sample, name="documents-sample"),
    path("documents/logo", views.logo, name="documents-logo"),
]
