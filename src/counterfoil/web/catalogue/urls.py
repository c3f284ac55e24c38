"""The addresses of the catalogue."""

from django.urls import path

from counterfoil.web.catalogue import discounts, tariffs, views

urlpatterns = [
    path("master-charges/", views.master_charges, name="master-charges"),
    path("master-charges/new", views.master_charge_new, name="master-charge-new"),
    path("master-charges/suggestions", views.master_charge_suggest, name="master-charge-suggestions"),
    path("master-charges/<int:key>", views.master_charge, name="master-charge"),
    path("master-charges/<int:key>/edit", views.master_charge_edit, name="master-charge-edit"),
    path("charge-periods/", views.charge_periods, name="charge-periods"),
    path("charge-periods/new", views.charge_period_new, name="charge-period-new"),
    path("charge-periods/next", views.next_periods, name="charge-period-next"),
    path("charge-periods/<int:key>", views.charge_period_edit, name="charge-period-edit"),
    path("discounts/", discounts.discounts, name="discounts"),
    path("discounts/new", discounts.new, name="discount-new"),
    path("discounts/charges", discounts.suggest_charges, name="charge-suggestions"),
    path("discounts/<int:key>", discounts.edit, name="discount-edit"),
    path("discounts/<int:key>/remove", discounts.remove, name="discount-remove"),
    path("tariffs/", tariffs.tariffs, name="tariffs"),
    path("tariffs/new", tariffs.new, name="tariff-new"),
    path("tariffs/<int:key>", tariffs.edit, name="tariff-edit"),
    path("taxes/", views.taxes, name="taxes"),
    path("taxes/categories/new", views.tax_category_new, name="tax-category-new"),
    path("taxes/categories/<int:key>", views.tax_category_edit, name="tax-category-edit"),
    path("taxes/rates/<int:key>", views.tax_rate_edit, name="tax-rate-edit"),
    path("taxes/rates/new", views.tax_rate_new, name="tax-rate-new"),
]
