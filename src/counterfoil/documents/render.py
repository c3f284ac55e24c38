"""Documents as PDF: PDF/A and PDF/UA, the same bytes for the same document, no network.

One compiler a thread is kept and used again; its fonts are the shipped ones only. The document travels as JSON,
so that whatever a name or description holds is printed, never run.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from counterfoil.core.billing_document import BillingDocument
from counterfoil.core.document import Document
from counterfoil.core.refusals import Refusal
from counterfoil.core.report import Report
from counterfoil.core.statement import Statement
from counterfoil.documents.billing_sheet import billing_sheets_of
from counterfoil.documents.glyphs import FONTS
from counterfoil.documents.look import Look
from counterfoil.documents.report_sheet import report_sheet_of
from counterfoil.documents.sheet import sheet_of, summary_sheet_of
from counterfoil.documents.statement_sheet import statement_sheet_of

TEMPLATES = Path(__file__).parent / "templates"
STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]


class _OfThisThread(threading.local):
    """What each thread keeps for itself."""

    compiler: typst.Compiler | None = None


_of_this_thread = _OfThisThread()


class DocumentNotPrinted(Refusal):
    """The PDF of {reference} could not be made: {reason}. Check the logo and the texts of the organisation's look."""


def render_pdf(document: Document, *, look: Look) -> bytes:
    """Return *document* as an A4 PDF (PDF/A-3a, PDF/UA-1), dated by its invoice date.

    An amalgamated one has its charge summary as second part. The same document and look give the same bytes.
    Threads may call it side by side. Raises `DocumentNotPrinted`.
    """
    return render_documents([(document, look)])


def render_documents(documents: Sequence[tuple[Document, Look]]) -> bytes:
    """Return *documents* as one PDF, one letter after another, each in its look; as `render_pdf` otherwise."""
    letters = [(sheet_of(document, look=look), look) for document, look in documents]
    made_on = max(document.invoice_date for document, _look in documents)
    return _printed(letters, made_on=made_on, name=documents[0][0].reference)


def render_billings(billings: Sequence[tuple[BillingDocument, Look]]) -> bytes:
    """Return *billings* as one PDF: of each its list and a copy of each of its documents; as `render_pdf` otherwise."""
    letters = [(sheet, look) for billing, look in billings for sheet in billing_sheets_of(billing, look=look)]
    made_on = max(billing.billing_date for billing, _look in billings)
    return _printed(letters, made_on=made_on, name=billings[0][0].reference)


def render_statements(statements: Sequence[Statement], *, look: Look) -> bytes:
    """Return *statements*, one a currency, as one PDF; as `render_pdf` otherwise."""
    letters = [(statement_sheet_of(statement, look=look), look) for statement in statements]
    return _printed(letters, made_on=statements[0].day, name=statements[0].reference)


def render_report(report: Report, *, look: Look) -> bytes:
    """Return *report* as a PDF; as `render_pdf` otherwise."""
    letters = [(report_sheet_of(report, look=look), look)]
    return _printed(letters, made_on=report.day, name=report.reference)


def render_summary(document: Document, *, look: Look) -> bytes:
    """Return the charge summary of *document* as a PDF of its own; as `render_pdf` otherwise."""
    letters = [(summary_sheet_of(document, look=look), look)]
    return _printed(letters, made_on=document.invoice_date, name=document.reference)


def render_images(document: Document, *, look: Look, dots_per_inch: int = 110) -> list[bytes]:
    """Return the pages of *document* as PNG pictures, to be looked at on a screen. Raises `DocumentNotPrinted`."""
    how = {"format": "png", "ppi": dots_per_inch}
    pages = _compiled([(sheet_of(document, look=look), look)], name=document.reference, how=how)
    return [pages] if isinstance(pages, bytes) else pages


def _printed(letters: Sequence[tuple[dict[str, Any], Look]], *, made_on: date, name: str) -> bytes:
    """Return the *letters*, each a sheet and its look, with page numbers of its own."""
    made_at = datetime.combine(made_on, time(), tzinfo=UTC)
    how = {"format": "pdf", "pdf_standards": [*STANDARDS], "timestamp": made_at}
    made: bytes = _compiled(letters, name=name, how=how)
    return made


def _compiled(letters: Sequence[tuple[dict[str, Any], Look]], *, name: str, how: dict[str, Any]) -> Any:
    """Return what the compiler makes of *letters*, each logo sent once; any warning of it is an error."""
    logos = list(dict.fromkeys(look.logo for _sheet, look in letters))
    looks = {look.logo: look for _sheet, look in letters}
    sheets = [{**sheet, "logo": logos.index(look.logo)} for sheet, look in letters]
    inputs = {
        "sheets": json.dumps(sheets, ensure_ascii=False),
        "logos": json.dumps([_logo(looks[logo]) for logo in logos], ensure_ascii=False),
    }
    try:
        made, warnings = _compiler().compile_with_warnings(sys_inputs=inputs, **how)
    except typst.TypstError as error:
        raise DocumentNotPrinted(reference=name, reason=error.message) from error
    if warnings or not made:
        reason = "; ".join(warning.message for warning in warnings)
        raise DocumentNotPrinted(reference=name, reason=reason)
    return made


def _logo(look: Look) -> dict[str, Any] | None:
    """Return the logo as JSON carries it: an SVG as text, pixels as numbers."""
    if not look.logo:
        return None
    if look.logo_format == "svg":
        return {"format": "svg", "text": look.logo.decode("utf-8", errors="replace")}
    return {"format": look.logo_format, "numbers": list(look.logo)}


def _compiler() -> typst.Compiler:
    """Return this thread's compiler, made at first use."""
    if _of_this_thread.compiler is None:
        _of_this_thread.compiler = typst.Compiler(
            input=TEMPLATES / "invoice.typ",
            root=TEMPLATES,
            font_paths=_fonts(),
            ignore_system_fonts=True,
        )
    return _of_this_thread.compiler


@cache
def _fonts() -> typst.Fonts:
    """Return the shipped fonts, read once a process."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
