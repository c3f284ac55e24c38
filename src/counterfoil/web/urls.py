"""The addresses of the web pages. Each subject has its own file; this one joins them."""

from django.urls import path

from counterfoil.web.audit.urls import urlpatterns as audit
from counterfoil.web.catalogue.urls import urlpatterns as catalogue
from counterfoil.web.charges.urls import urlpatterns as charges
from counterfoil.web.consolidating.urls import urlpatterns as consolidating
from counterfoil.web.customers.urls import urlpatterns as customers
from counterfoil.web.dashboard.urls import urlpatterns as dashboard
from counterfoil.web.definitions.urls import urlpatterns as definitions
from counterfoil.web.deliveries.urls import urlpatterns as deliveries
from counterfoil.web.documents.urls import urlpatterns as documents
from counterfoil.web.events.urls import urlpatterns as events
from counterfoil.web.exceptions.urls import urlpatterns as exceptions
from counterfoil.web.explain.urls import urlpatterns as explain
from counterfoil.web.imports.urls import urlpatterns as imports
from counterfoil.web.invoices.urls import urlpatterns as invoices
from counterfoil.web.layout import branches, search, views
from counterfoil.web.links.urls import urlpatterns as links
from counterfoil.web.lists import keeping
from counterfoil.web.numbering.urls import urlpatterns as numbering
from counterfoil.web.organisation.urls import urlpatterns as organisation
from counterfoil.web.people.urls import urlpatterns as people
from counterfoil.web.prices.urls import urlpatterns as prices
from counterfoil.web.printing.urls import urlpatterns as printing
from counterfoil.web.runs.urls import urlpatterns as runs
from counterfoil.web.statements.urls import urlpatterns as statements

urlpatterns = [
    path("search", search.search, name="search"),
    path("running", views.running, name="running"),
    path("notices/", views.notices, name="notices"),
    path("notices/count", views.notice_count, name="notice-count"),
    path("notices/seen", views.notices_seen, name="notices-seen"),
    path("branch", branches.choose_branch, name="choose-branch"),
    path("lists/columns", keeping.choose_columns, name="list-columns"),
    path("lists/views", keeping.save_view, name="list-views"),
    path("lists/views/<int:key>", keeping.change_view, name="list-view"),
    path("lists/views/<int:key>/delete", keeping.delete_view, name="list-view-delete"),
    *dashboard,
    *runs,
    *definitions,
    *invoices,
    *consolidating,
    *exceptions,
    *events,
    *explain,
    *customers,
    *charges,
    *catalogue,
    *prices,
    *deliveries,
    *imports,
    *organisation,
    *people,
    *audit,
    *documents,
    *links,
    *statements,
    *printing,
    *numbering,
]
