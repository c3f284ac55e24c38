"""The addresses of the dashboard."""

from django.urls import path

from counterfoil.web.dashboard import revenue, views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("revenue.csv", revenue.revenue_file, name="revenue-file"),
]
