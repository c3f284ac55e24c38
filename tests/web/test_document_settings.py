"""The documents' settings in the browser: tried before they are stored."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from counterfoil.records.organisation.models import DocumentTexts, Organisation, Role
from tests.documents.test_pictures import png, svg
from tests.web import bureau

TYPED = {"accent": "#0f766e", "columns": ["period", "code"], "header_en": "Dear {customer}"}


def test_a_look_is_tried_and_stored(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    client = signed_in(Role.ADMINISTRATOR)
    picture = SimpleUploadedFile("logo.svg", svg('<rect width="9" height="1"/>', 'onload="x()"'))
    tried = client.post(
        reverse("documents-preview"), {**TYPED, "logo": picture, "shown": "newest", "language": "en"}
    )
    assert tried.content.decode().count('src="data:image/png;base64,') == 1
    assert Organisation.objects.get().logo is None
    letter = client.post(
        reverse("documents-preview"), {**TYPED, "shown": "mail", "language": "de"}
    ).content.decode()
    assert "Rechnung INV-0000-000001 von Northgate Monitoring" in letter
    picture.seek(0)
    assert client.post(reverse("documents"), {**TYPED, "logo": picture}).status_code == 302
    stored = Organisation.objects.get()
    assert (stored.accent_color, stored.line_columns) == ("#0f766e", ["code", "period"])
    assert DocumentTexts.objects.get(language="en").header == "Dear {customer}"
    shown = client.get(reverse("documents-logo"))
    assert (shown["Content-Type"], b"onload" in shown.content) == ("image/svg+xml", False)
    assert shown["Content-Security-Policy"].startswith("default-src 'none'")
    assert client.get(reverse("documents-sample")).content.startswith(b"%PDF")
    assert client.post(reverse("documents"), {**TYPED, "takes_logo_away": "on"}).status_code == 302
    assert client.get(reverse("documents-logo")).status_code == 404


def test_what_is_wrong_is_said_at_its_field(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    client = signed_in(Role.ADMINISTRATOR)
    nonsense = {
        "accent": "blue",
        "columns": ["colour"],
        "footer": "1\n2\n3\n4",
        "mail_body_de": "{name}",
        "logo": SimpleUploadedFile("logo.png", png()[:-20]),
    }
    for address in ("documents", "documents-preview"):
        page = client.post(reverse(address), nonsense).content.decode()
        nonsense["logo"].seek(0)
        for told in (
            "is not a colour",
            "colour is not one of",
            "has 4 lines",
            "stands for nothing",
            "The logo is",
        ):
            assert told in page
    assert not DocumentTexts.objects.exists()


def test_only_an_administrator_changes_it(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    client = signed_in(Role.BILLER)
    for name in ("documents", "documents-preview", "documents-sample", "documents-logo"):
        assert client.get(reverse(name)).status_code == 403
