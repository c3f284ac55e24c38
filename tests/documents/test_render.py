"""PDFs: what their text says, that they are the same everywhere, that nothing in a document can break one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import BytesIO

import pytest
from pypdf import PdfReader

from counterfoil.core.document import Document, LineDiscount
from counterfoil.documents.look import Look
from counterfoil.documents.render import DocumentNotPrinted, render_pdf
from tests.build_document import BUYER, amalgamate, credit_note, days, document, line

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 1"><rect width="9" height="1" fill="red"/></svg>'
)
PLAIN = Look()


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, spaces as a person would read them."""
    texts = [page.extract_text() for page in PdfReader(BytesIO(pdf), strict=True).pages]
    return ["\n".join(" ".join(row.split()) for row in text.splitlines()) + "\n" for text in texts]


def sites() -> Document:
    """Return an invoice over two sites and some postage, at three tax rates."""
    return document(
        line("Alarm monitoring, intruder and fire", client="S-1001", client_name="Seaford warehouse"),
        line("Back-up signalling", price="4.50", client="S-1001", client_name="Seaford warehouse"),
        line(
            "Key holding",
            price="12.00",
            fraction=Fraction(17, 30),
            period=days(date(2026, 6, 14), 17),
            client="S-1002",
            client_name="Harbour Road shop",
        ),
        line(
            "Site manual",
            price="9.80",
            rate="7",
            period=None,
            client="S-1002",
            client_name="Harbour Road shop",
        ),
        line("Postage", price="3.20", rate="0", period=None, unit="parcel"),
        payment_terms="14 days net",
        purchase_order="PO 4711",
        notes=("Thank you for letting us look after your sites.",),
    )


def discounted() -> Document:
    """Return an invoice with a discounted line and, beside it, one whose price includes tax, at one rate."""
    taken = (
        LineDiscount(name="First year", percent_steps=10_000_000, minor=300),
        LineDiscount(name="Goodwill", minor=200),
    )
    return document(
        line("Alarm monitoring", net_minor=2500, discounts=taken, client="S-1", client_name="Pier"),
        line(
            "Key holding", price="11.90", net_minor=1000, includes_tax=True, client="S-1", client_name="Pier"
        ),
    )


@pytest.mark.parametrize(
    ("name", "printed", "look"),
    [
        ("invoice-en.txt", document(), PLAIN),
        (
            "sites-en.txt",
            sites(),
            Look(payment_text="By transfer, please.", footer_text="Directors: A. Person"),
        ),
        ("discounted-en.txt", discounted(), PLAIN),
        ("amalgamated-en.txt", amalgamate(discounted()), PLAIN),
        ("draft-de.txt", replace(sites(), number=None), Look(language="de")),
        ("credit-note-de.txt", credit_note(line(sign=-1, fraction=Fraction(13, 30))), Look(language="de")),
    ],
)
def test_the_text_is_what_a_person_approved(
    name: str, printed: Document, look: Look, golden: Callable[..., None]
) -> None:
    golden("\f".join(pages(render_pdf(printed, look=look))), name=name)


def test_the_same_document_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys; from counterfoil.documents.look import Look; from counterfoil.documents.render import render_pdf;"
        "from tests.build_document import document; sys.stdout.buffer.write(render_pdf(document(), look=Look()))"
    )
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    first = render_pdf(document(), look=PLAIN)
    render_pdf(sites(), look=PLAIN)
    assert first == render_pdf(document(), look=PLAIN) == other.stdout


def test_it_is_an_archive_and_accessible_pdf_dated_by_its_invoice_date() -> None:
    reader = PdfReader(BytesIO(render_pdf(sites(), look=Look(logo=SVG, language="de"))), strict=True)
    description = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in description
    assert "<pdfuaid:part>1</pdfuaid:part>" in description
    assert reader.metadata.title == "Rechnung INV-2026-000123"
    assert reader.metadata.author == "Larkfield Alarm Monitoring GmbH"
    assert reader.metadata.creation_date.date() == date(2026, 6, 1)
    assert reader.root_object["/Lang"] == "de"
    assert reader.root_object["/MarkInfo"]["/Marked"] == True  # noqa: E712


def test_a_thousand_lines_repeat_their_headings_and_count_their_pages() -> None:
    lines = [line(f"Panel {nth}", client=f"S-{nth // 100}", client_name="Site") for nth in range(1000)]
    texts = pages(render_pdf(document(*lines), look=PLAIN))
    assert len(texts) == 26
    assert all("Description Period Quantity Unit price Net (EUR)" in text for text in texts[:-1])
    assert all(f"Page {nth} of 26" in text for nth, text in enumerate(texts, start=1))
    assert all("Invoice INV-2026-000123 Brightwater Stores Ltd" in text for text in texts[1:])
    assert sum(text.count("S-0 · Site") for text in texts) == 3  # at its start, and on each page it goes on
    assert "EUR 35,700.00" in texts[-1]  # 1,000 × 30.00 × 1.19


@pytest.mark.parametrize(
    "text",
    [
        "שירות ניטור אזעקה",
        "مراقبة الإنذار",
        "emoji 😀 and 漢字",
        "\x00\x07\u202e\ud7ff",
        '#read("/etc/passwd") $x$ *b* _i_ `c` <l> @l // c /* c */ \\ " {} [] = H',
        "x" * 500,
        "word " * 400,
        "e\u0301" * 30,
        "",
    ],
)
def test_no_text_can_break_a_document(text: str) -> None:
    odd = document(
        line(text, client=text, client_name=text, unit=text),
        line(client="2", client_name=text),
        buyer=replace(BUYER, name=text, account=text),
        notes=(text,),
        purchase_order=text,
    )
    look = Look(footer_text=text, payment_text=text)
    assert "EUR 71.40" in "".join(pages(render_pdf(odd, look=look)))  # 2 × 30.00 × 1.19


def test_markup_in_a_description_is_printed_not_run() -> None:
    text = "".join(pages(render_pdf(document(line("#panic() $x$ *b*")), look=PLAIN)))
    assert "#panic() $x$ *b*" in text


def test_threads_print_side_by_side() -> None:
    documents = [document(line(f"Panel {nth}"), number=f"INV-{nth}") for nth in range(40)]
    alone = [render_pdf(one, look=PLAIN) for one in documents]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda one: render_pdf(one, look=PLAIN), documents)) == alone


def test_a_picture_that_is_none_is_refused() -> None:
    broken = Look(logo=b"\x89PNG\r\n\x1a\n and nothing more")
    with pytest.raises(DocumentNotPrinted, match=r"could not be made: .* Check the logo"):
        render_pdf(document(), look=broken)


def test_only_shipped_fonts_are_inside() -> None:
    reader = PdfReader(BytesIO(render_pdf(document(line("שלום مرحبا abc")), look=PLAIN)))
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts == {
        "Inter-Regular", "Inter-Medium", "Inter-SemiBold", "NotoSansHebrew-Regular", "NotoSansArabic-Regular",
    }  # fmt: skip
