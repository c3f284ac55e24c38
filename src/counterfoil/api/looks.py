"""How documents and e-mails look and what they say."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need
from counterfoil.api.errors import WrongValue
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, reads
from counterfoil.api.shapes import PDF, Request
from counterfoil.clock import now, today
from counterfoil.documents.look import Look
from counterfoil.documents.render import render_pdf
from counterfoil.flows import document_settings as flow
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["organisation"])
SEES = Need("organisation:read")
CHANGES = Need("organisation:write", frozenset({Role.ADMINISTRATOR}))
Text = Annotated[str, Field(max_length=5_000, pattern=r"^[^\x00]*$")]
Language = Annotated[str, Field(max_length=10, pattern=r"^[^\x00]*$")]


class LogoIsNotBase64(WrongValue):
    """The logo is not base64. Send the file's bytes so encoded, or an empty text for no logo."""


class Texts(Schema):
    """What is written in one language; empty is nothing on documents and our own words in e-mails."""

    header: str
    payment_note: str
    footer: str
    mail_subject: str
    mail_body: str


class DocumentLook(Schema):
    """How documents look. `payment_note` and `footer` stand where a language has none of its own."""

    accent: str
    logo: str | None
    columns: list[str]
    payment_note: str
    footer: str
    texts: dict[str, Texts]


class TextsWanted(Request):
    """Texts to be changed; null stays."""

    header: Text | None = None
    payment_note: Text | None = None
    footer: Text | None = None
    mail_subject: Text | None = None
    mail_body: Text | None = None


class LookWanted(Request):
    """What is to be changed; null stays. `logo` is a PNG, JPEG or SVG in base64, empty for none; `texts` by language,
    the empty one for every language.
    """

    accent: Annotated[str | None, Field(max_length=7)] = None
    logo: Annotated[str | None, Field(max_length=700_000)] = None
    columns: Annotated[list[Language], Field(max_length=20)] | None = None
    texts: Annotated[dict[Language, TextsWanted], Field(max_length=20)] = {}


class SampleWanted(Schema):
    """Which sample is asked for."""

    language: Language | None = None
    credit_note: bool = False


@reads(router, "", need=SEES, answer=DocumentLook)
def get_document_look(request: HttpRequest) -> DocumentLook:  # noqa: ARG001
    """Return how documents look now; `logo` is its format."""
    return _shape(flow.present_look())


@changes(router, "", need=CHANGES, answer=DocumentLook)
def change_document_look(request: HttpRequest, wanted: LookWanted) -> HttpResponse:
    """Change how documents look from now on; those issued before keep their look."""
    asked = flow.Wanted(
        accent=wanted.accent,
        logo=None if wanted.logo is None else _bytes(wanted.logo),
        columns=wanted.columns,
        texts={language: texts.dict(exclude_none=True) for language, texts in wanted.texts.items()},
    )
    return once(request, lambda: _shape(flow.change_look(asked, now=now())))


@reads(router, "/sample", need=SEES, answer=None, extra=PDF)
def get_sample_document(request: HttpRequest, wanted: Query[SampleWanted]) -> HttpResponse:  # noqa: ARG001
    """Return an invoice or credit note to nobody as PDF, as documents look now."""
    document = flow.sample_document(
        language=flow.languages()[0] if wanted.language is None else wanted.language,
        today=today(the_organisation().timezone),
        is_credit_note=wanted.credit_note,
    )
    return HttpResponse(render_pdf(document, look=flow.present_look()), content_type="application/pdf")


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LogoIsNotBase64 from error


def _shape(look: Look) -> DocumentLook:
    return DocumentLook(
        accent=look.accent,
        logo=look.logo_format or None,
        columns=list(look.columns),
        payment_note=look.payment_text,
        footer=look.footer_text,
        texts={
            language: Texts(**{name: getattr(own, name) for name in Texts.model_fields})
            for language, own in look.texts.items()
        },
    )
