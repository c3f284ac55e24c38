"""How documents look: changed for those to come, kept for those issued (product D1)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from counterfoil.core.refusals import Refusal
from counterfoil.documents.render import render_pdf
from counterfoil.flows.billing import issue
from counterfoil.flows.billing.documents import documents_with_looks
from counterfoil.flows.document_settings import Wanted, change_look, present_look, sample_document
from counterfoil.records.billing.models import Invoice
from counterfoil.records.organisation.models import DocumentTexts, Logo, Organisation
from tests import build
from tests.build import NOW
from tests.documents.test_pictures import png

pytestmark = pytest.mark.django_db(transaction=True)


def printed(invoice: Invoice) -> str:
    """Return the text of *invoice* as it is printed."""
    [(document, look)] = documents_with_looks([invoice])
    return PdfReader(BytesIO(render_pdf(document, look=look))).pages[0].extract_text()


def test_what_is_issued_keeps_its_look() -> None:
    """An issued document reads the trail: logo, columns and texts of the moment it got its number."""
    build.organisation(payment_note="Old note")
    change_look(Wanted(logo=png(), texts={"en": {"header": "Old header"}}), now=NOW)
    build.charge()
    run = build.run()
    issue.authorise(run.pk, by=None, now=NOW)
    far = Organisation.pgh_event_model.objects.latest("pgh_created_at").pgh_created_at + timedelta(seconds=1)
    issue.issue(run.pk, today=run.invoice_date, now=lambda: far)
    issued = Invoice.objects.get()
    before = printed(issued)
    _wait_past(far)
    change_look(
        Wanted(
            accent="#aa0000",
            logo=b"",
            columns=[],
            texts={"": {"payment_note": "New note"}, "en": {"header": "New header"}},
        ),
        now=NOW,
    )
    assert ("Old header" in before, "Old note" in before, "Unit price" in before) == (True, True, True)
    assert printed(issued) == before
    [(_document, look)] = documents_with_looks([issued])
    assert (look.logo, look.accent) == (png(), "#1f4e79")
    now = present_look()
    assert (now.logo, now.accent, now.columns) == (b"", "#aa0000", ())
    assert now.texts_in("en").payment_note == "New note"


def _wait_past(moment: object) -> None:
    """Wait until the database's clock, which dates the trail, is past *moment*: a second at most."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(greatest(0, extract(epoch FROM %s - clock_timestamp())))", [moment])


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Wanted(accent="red"), "'red' is not a colour"),
        (Wanted(logo=b"GIF89a"), "not a PNG, JPEG or SVG"),
        (Wanted(columns=["colour"]), "is no column"),
        (Wanted(texts={"fr": {"header": "Bonjour"}}), "not written in 'fr'. Languages are en, de"),
        (
            Wanted(texts={"": {"header": "All"}}),
            "no text of documents in every language. Texts are payment_note",
        ),
        (Wanted(texts={"en": {"title": "x"}}), "'title' is no text of documents. Texts are header"),
        (Wanted(texts={"en": {"footer": "x" * 301}}), "footer has 301 characters, and 300 fit"),
        (Wanted(texts={"en": {"footer": "a\nb\nc\nd"}}), "The footer has 4 lines, and 3 fit"),
        (Wanted(texts={"de": {"mail_body": "{name}"}}), "stands for nothing"),
    ],
)
def test_what_cannot_be_printed_is_refused_and_nothing_stored(wanted: Wanted, sentence: str) -> None:
    build.organisation()
    with pytest.raises(Refusal, match=sentence):
        change_look(wanted, now=NOW)
    assert (Logo.objects.count(), DocumentTexts.objects.count()) == (0, 0)
    assert Organisation.objects.get().accent_color == "#1f4e79"


def test_a_logo_that_looks_sound_and_cannot_be_printed_is_refused() -> None:
    """Its chunks are well formed; only printing shows that the picture in them is cut short."""
    build.organisation()
    broken = png(width=50, height=50)
    with pytest.raises(Refusal, match="The logo could not be printed"):
        change_look(Wanted(logo=broken), now=NOW)
    assert Logo.objects.count() == 0


def test_a_sample_is_the_organisations() -> None:
    build.organisation(currency="JPY", language="de")
    made = sample_document(language="de", today=build.JUNE)
    assert (made.seller.name, made.currency, made.gross_minor) == (
        "Larkfield Monitoring",
        "JPY",
        61,
    )  # 51 + 20 %
