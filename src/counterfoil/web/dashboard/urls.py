"""The address of the dashboard."""

from django.urls import path

from counterfoil.web.dashboard import views

urlpatterns = [path("", views.dashboard, name="dashboard")]
