"""The addresses of charges."""

from django.urls import path

from counterfoil.web.charges import ending, inline, many, views

urlpatterns = [
    path("charges/", views.charges, name="charges"),
    path("charges/assign", many.assign_to_clients_of_charges, name="charges-assign"),
    path("charges/end", ending.end_ticked, name="charges-end-ticked"),
    path("charges/<int:key>", views.charge, name="charge"),
    path("charges/<int:key>/edit", views.edit, name="charge-edit"),
    path("charges/<int:key>/row", inline.row, name="charge-row"),
    path("charges/<int:key>/inline", inline.edit, name="charge-inline"),
    path("clients/<int:client>/charges", inline.table, name="client-charges"),
    path("clients/<int:client>/charges/new", views.new, name="charge-new"),
    path("clients/<int:client>/charges/assign", inline.assign, name="charge-assign"),
    path("clients/<int:client>/charges/ticked", inline.ticked, name="charges-ticked"),
    path("clients/<int:client>/end-service", ending.end_service, name="client-end-service"),
    path("clients/<int:client>/charges/end", ending.end_of_client, name="charges-end"),
    path("charges/typed", views.typed, name="charge-typed"),
    path("charges/undo", ending.undo, name="charges-undo"),
    path("customers/<int:key>/charges/new", views.new_of_customer, name="customer-charge-new"),
    path("dealers/<int:key>/charges/new", views.new_of_dealer, name="dealer-charge-new"),
    path("customers/charges/assign", many.assign_to_customers, name="customers-assign"),
    path("customers/charges/copy", many.copy_to_customers, name="customers-copy"),
    path("dealers/charges/assign", many.assign_to_dealers, name="dealers-assign"),
    path("dealers/charges/copy", many.copy_to_dealers, name="dealers-copy"),
    path("clients/charges/assign", many.assign_to_clients, name="clients-assign"),
    path("clients/charges/copy", many.copy_to_clients, name="clients-copy"),
]
