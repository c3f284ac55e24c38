"""The addresses of explanations and forecasts."""

from django.urls import path

from counterfoil.web.explain import views

urlpatterns = [
    path("lines/<int:key>/why", views.line, name="line-why"),
    path("clients/<int:key>/forecast", views.of_client, name="client-forecast"),
    path("customers/<int:key>/forecast", views.of_customer, name="customer-forecast"),
    path("dealers/<int:key>/forecast", views.of_dealer, name="dealer-forecast"),
    path("charges/<int:key>/forecast", views.of_charge, name="charge-forecast"),
]
