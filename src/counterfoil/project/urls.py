"""Where everything is: pages for machines, the API, sign-in, and the web pages."""

from django.urls import URLPattern, URLResolver, include, path

from counterfoil.project import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("api/", include("counterfoil.api.urls")),
    path("", include("counterfoil.web.urls")),
]

handler400 = "counterfoil.web.layout.errors.bad_request"
handler403 = "counterfoil.web.layout.errors.permission_denied"
handler404 = "counterfoil.web.layout.errors.not_found"
handler500 = "counterfoil.web.layout.errors.server_error"
