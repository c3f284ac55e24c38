"""How mail leaves: through the server that COUNTERFOIL_SMTP_URL names, or into files."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from counterfoil.project.environment import SettingIsWrong

SECONDS_TO_WAIT = 30
_PORTS = {"none": 25, "starttls": 587, "implicit": 465}


def mail_settings(*, url: str, folder: Path) -> dict[str, Any]:
    """Return Django's e-mail settings for the SMTP server at *url*; empty writes each mail into *folder*.

    `smtp://user:password@host:port?tls=none|starttls|implicit`; `smtps://` is short for `tls=implicit`.
    Without `tls` a connection with a password uses starttls, one without none.
    Raises SettingIsWrong when the address is no such one.
    """
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(folder),
        }
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingIsWrong(
            name="SMTP_URL", reason="it does not read smtp://user:password@host:port?tls=starttls"
        )
    tls = _tls(scheme=parts.scheme, query=parts.query, has_password=bool(parts.password))
    try:
        port = parts.port or _PORTS[tls]
    except ValueError as error:
        raise SettingIsWrong(name="SMTP_URL", reason="its port is not a number") from error
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_TIMEOUT": SECONDS_TO_WAIT,
    }


def _tls(*, scheme: str, query: str, has_password: bool) -> str:
    options = dict(parse_qsl(query, keep_blank_values=True))
    otherwise = "implicit" if scheme == "smtps" else "starttls" if has_password else "none"
    tls = options.pop("tls", otherwise)
    if options or tls not in _PORTS:
        raise SettingIsWrong(name="SMTP_URL", reason="after ? stands tls=none, tls=starttls or tls=implicit")
    return tls
