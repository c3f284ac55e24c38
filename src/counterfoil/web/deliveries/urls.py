"""The address of the deliveries."""

from django.urls import path

from counterfoil.web.deliveries import views

urlpatterns = [path("deliveries/", views.deliveries, name="deliveries")]
