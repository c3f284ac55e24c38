"""The address of the organisation's page."""

from django.urls import path

from counterfoil.web.organisation import views

urlpatterns = [path("organisation", views.organisation, name="organisation")]
