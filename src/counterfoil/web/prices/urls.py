"""The addresses of prices by date, overrides and escalations."""

from django.urls import path

from counterfoil.web.prices import escalations, lists, overrides, views

urlpatterns = [
    path("price-lists/", lists.price_lists, name="price-lists"),
    path("charges/<int:key>/prices", views.of_charge, name="charge-prices"),
    path("charges/<int:key>/prices/new", views.new_of_charge, name="charge-price-new"),
    path("master-charges/<int:key>/prices", views.of_master, name="master-charge-prices"),
    path("master-charges/<int:key>/prices/new", views.new_of_master, name="master-charge-price-new"),
    path("overrides/<int:key>/prices", views.of_override, name="override-prices"),
    path("overrides/<int:key>/prices/new", views.new_of_override, name="override-price-new"),
    path("prices/<int:key>", views.edit, name="price-edit"),
    path("prices/<int:key>/delete", views.delete, name="price-delete"),
    path("customers/<int:key>/overrides", overrides.of_customer, name="customer-overrides"),
    path("customers/<int:key>/overrides/new", overrides.new_of_customer, name="customer-override-new"),
    path("dealers/<int:key>/overrides", overrides.of_dealer, name="dealer-overrides"),
    path("dealers/<int:key>/overrides/new", overrides.new_of_dealer, name="dealer-override-new"),
    path("customers/<int:key>/assignable", overrides.assignable_of_customer, name="customer-assignable"),
    path("dealers/<int:key>/assignable", overrides.assignable_of_dealer, name="dealer-assignable"),
    path("overrides/typed", overrides.typed, name="override-typed"),
    path("overrides/<int:key>", overrides.edit, name="override-edit"),
    path("overrides/<int:key>/delete", overrides.delete, name="override-delete"),
    path("escalations/", escalations.escalations, name="escalations"),
    path("escalations/new", escalations.new, name="escalation-new"),
    path("escalations/<int:key>", escalations.edit, name="escalation-edit"),
    path("escalations/<int:key>/end", escalations.end, name="escalation-end"),
    path("escalations/<int:key>/end/amount", escalations.end_amount, name="escalation-end-amount"),
]
