"""Documents as PDF: PDF/A and PDF/UA, the same bytes for the same document, no network.

One compiler a thread is kept and used again; its fonts are the shipped ones only. The document travels as JSON,
so that whatever a name or description holds is printed, never run.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from counterfoil.core.document import Document
from counterfoil.core.refusals import Refusal
from counterfoil.documents.glyphs import FONTS
from counterfoil.documents.look import Look
from counterfoil.documents.sheet import sheet_of, summary_sheet_of

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
    return _printed(sheet_of(document, look=look), document=document, look=look)


def render_summary(document: Document, *, look: Look) -> bytes:
    """Return the charge summary of *document* as a PDF of its own; as `render_pdf` otherwise."""
    return _printed(summary_sheet_of(document, look=look), document=document, look=look)


def render_images(document: Document, *, look: Look, dots_per_inch: int = 110) -> list[bytes]:
    """Return the pages of *document* as PNG pictures, to be looked at on a screen. Raises `DocumentNotPrinted`."""
    pages = _compiled(
        sheet_of(document, look=look),
        document=document,
        look=look,
        how={"format": "png", "ppi": dots_per_inch},
    )
    return [pages] if isinstance(pages, bytes) else pages


def _printed(contents: dict[str, Any], *, document: Document, look: Look) -> bytes:
    made_at = datetime.combine(document.invoice_date, time(), tzinfo=UTC)
    how = {"format": "pdf", "pdf_standards": [*STANDARDS], "timestamp": made_at}
    return _compiled(contents, document=document, look=look, how=how)


def _compiled(contents: dict[str, Any], *, document: Document, look: Look, how: dict[str, Any]) -> Any:
    """Return what the compiler makes of *contents*; any warning of it is an error."""
    sheet = json.dumps({**contents, "logo": _logo(look)}, ensure_ascii=False)
    try:
        made, warnings = _compiler().compile_with_warnings(sys_inputs={"sheet": sheet}, **how)
    except typst.TypstError as error:
        raise DocumentNotPrinted(reference=document.reference, reason=error.message) from error
    if warnings or not made:
        reason = "; ".join(warning.message for warning in warnings)
        raise DocumentNotPrinted(reference=document.reference, reason=reason)
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
