"""Where the API is: /api/v1/, with its description at /api/v1/openapi.json."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from counterfoil.api import (
    audit,
    billing_links,
    branches,
    catalogue,
    charges,
    charging,
    clients,
    commissionings,
    consolidating,
    consolidation_queue,
    consolidation_rolls,
    contacts,
    customer_groups,
    customer_modes,
    customers,
    dealers,
    definitions,
    discounts,
    drafts,
    emails,
    events,
    exceptions,
    explanations,
    figures,
    histories,
    imports,
    invoices,
    leakage,
    looks,
    mailed_statements,
    master_charges,
    meters,
    notices,
    numbering,
    organisation,
    outcomes,
    prices,
    print_batches,
    run_customers,
    runs,
    sales_invoices,
    statements,
    taking_back,
    users,
    variances,
)
from counterfoil.api.description import DescribedApi
from counterfoil.api.errors import handle_errors, problem, with_problems

api = DescribedApi(
    title="Counterfoil",
    version="1",
    description="Recurring billing: customers, charges, runs and invoices.",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
)
handle_errors(api)
# Before the addresses of one charge or exception, which would take the word for its id.
api.add_router("/charges", charging.router)
api.add_router("/exceptions", leakage.router)
for resource, prefix in {
    customers: "/customers",
    customer_groups: "/customer-groups",
    customer_modes: "/customer-mode",
    clients: "/clients",
    dealers: "/dealers",
    master_charges: "/master-charges",
    charges: "/charges",
    discounts: "/discounts",
    events: "/events",
    meters: "/meters",
    organisation: "/organisation",
    branches: "/branches",
    users: "/users",
    audit: "/audit",
    looks: "/organisation/documents",
    billing_links: "/billing-links",
    numbering: "/numbering",
    definitions: "/definitions",
    runs: "/runs",
    outcomes: "/runs",
    invoices: "/invoices",
    drafts: "/invoices",
    exceptions: "/exceptions",
    emails: "/emails",
    mailed_statements: "/statements",
    print_batches: "/print-batches",
    notices: "/notices",
}.items():
    api.add_router(prefix, resource.router)

for prefix, beside in {
    "/tokens": users.tokens,
    "/contacts": contacts.contacts,
    "/notes": contacts.notes,
    "/charge-periods": catalogue.charge_periods,
    "/tax-categories": catalogue.tax_categories,
    "/tax-rates": catalogue.tax_rates,
    "/overrides": catalogue.overrides,
    "/prices": prices.prices,
    "/escalations": prices.escalations,
    "/runs": variances.router,
    "/invoices": explanations.of_invoices,
    "/charges": explanations.of_charges,
    "/clients": explanations.of_clients,
}.items():
    api.add_router(prefix, beside)
api.add_router("/clients", commissionings.of_clients)
api.add_router("/consolidated-billings/roll", consolidation_rolls.router)
api.add_router("/consolidated-billings", consolidating.router)
api.add_router("/consolidated-billings/queue", consolidation_queue.of_invoices)
api.add_router("/customers", consolidation_queue.of_customers)
api.add_router("/invoices", taking_back.of_invoices)
api.add_router("/sales-invoices", sales_invoices.router)
api.add_router("/imports", imports.router)
api.add_router("/file-imports", imports.files)
api.add_router("/invoices", emails.of_invoices)
api.add_router("/invoices", billing_links.of_invoices)
api.add_router("/customers", billing_links.of_customers)
api.add_router("/customers", statements.router)
api.add_router("/runs", taking_back.of_runs)
api.add_router("/runs", run_customers.router)
api.add_router("/figures", figures.router)
api.add_router("", histories.router)

_routes, _app_name, _namespace = api.urls
for route in _routes:
    if isinstance(route, URLPattern):
        route.callback = with_problems(route.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include((_routes, _app_name), namespace=_namespace)),
    re_path("^", csrf_exempt(lambda _request: problem(404)), name="api-nothing-here"),
]
