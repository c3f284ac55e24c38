"""The addresses of billing customers, clients and dealers."""

from django.urls import path

from counterfoil.web.customers import (
    accounts,
    clients,
    commissionings,
    contacts,
    dealers,
    groups,
    notes,
    views,
)

urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("customers/new", views.new, name="customer-new"),
    path("customers/suggestions", views.suggest, name="customer-suggestions"),
    path("customers/<int:key>", views.customer, name="customer"),
    path("customers/<int:key>/edit", views.edit, name="customer-edit"),
    path("customer-groups/", groups.groups, name="customer-groups"),
    path("customer-groups/new", groups.new, name="customer-group-new"),
    path("customer-groups/<int:key>", groups.edit, name="customer-group-edit"),
    path("customer-groups/<int:key>/delete", groups.delete, name="customer-group-delete"),
    path("clients/", clients.clients, name="clients"),
    path("clients/new", clients.new, name="client-new"),
    path("clients/suggestions", clients.suggest, name="client-suggestions"),
    path("clients/<int:key>", clients.client, name="client"),
    path("clients/<int:key>/account", accounts.of_client, name="client-account"),
    path("dealers/<int:key>/account", accounts.of_dealer, name="dealer-account"),
    path("clients/<int:key>/edit", clients.edit, name="client-edit"),
    path("clients/<int:key>/commissionings", commissionings.commissionings, name="client-commissionings"),
    path("clients/<int:key>/commissionings/new", commissionings.new, name="client-commissioning-new"),
    path("commissionings/<int:key>", commissionings.edit, name="client-commissioning-edit"),
    path("commissionings/<int:key>/delete", commissionings.delete, name="client-commissioning-delete"),
    path("contacts/new/<str:kind>/<int:key>", contacts.new, name="contact-new"),
    path("contacts/<int:key>", contacts.edit, name="contact-edit"),
    path("contacts/<int:key>/delete", contacts.delete, name="contact-delete"),
    path("notes/", notes.notes, name="notes"),
    path("notes/new", notes.new, name="note-new"),
    path("notes/done", notes.done, name="notes-done"),
    path("notes/<int:key>", notes.edit, name="note-edit"),
    path("dealers/", dealers.dealers, name="dealers"),
    path("dealers/new", dealers.new, name="dealer-new"),
    path("dealers/suggestions", dealers.suggest, name="dealer-suggestions"),
    path("dealers/<int:key>", dealers.dealer, name="dealer"),
    path("dealers/<int:key>/edit", dealers.edit, name="dealer-edit"),
]
