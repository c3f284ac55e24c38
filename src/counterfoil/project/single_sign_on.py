"""The settings of single sign-on: one OpenID Connect provider, from COUNTERFOIL_OIDC_… (docs/reference/settings.md)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from counterfoil.project.environment import SettingIsWrong, secret, text

PROVIDER = "openid_connect"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def single_sign_on() -> dict[str, Any]:
    """Return the one OpenID Connect provider as allauth takes it, {} where COUNTERFOIL_OIDC_URL is not set.

    Raises `SettingIsWrong` for an address without TLS, or a client that is missing.
    """
    url = text("OIDC_URL")
    client, key = text("OIDC_CLIENT_ID"), secret("OIDC_CLIENT_SECRET")
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise SettingIsWrong(name="OIDC_URL", reason="it does not begin with https://")
    for name, value in (("OIDC_CLIENT_ID", client), ("OIDC_CLIENT_SECRET", key)):
        if not value:
            raise SettingIsWrong(name=name, reason="COUNTERFOIL_OIDC_URL is set, and this is not")
    app = {
        "provider_id": "sso",
        "name": text("OIDC_NAME", "Single sign-on"),
        "client_id": client,
        "secret": key,
        "settings": {"server_url": url.rstrip("/"), "oauth_pkce_enabled": True},
    }
    return {PROVIDER: {"APPS": [app]}}
