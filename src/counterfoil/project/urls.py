"""Where everything is: pages for machines, the API, sign-in, and the web pages."""

from django.urls import URLPattern, URLResolver, include, path

from counterfoil.project import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # One by one: allauth's own list redirects addresses that never were here.
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("api/", include("counterfoil.api.urls")),
    path("", include("counterfoil.web.urls")),
]

handler400 = "counterfoil.web.layout.errors.bad_request"
handler403 = "counterfoil.web.layout.errors.permission_denied"
handler404 = "counterfoil.web.layout.errors.not_found"
handler500 = "counterfoil.web.layout.errors.server_error"
