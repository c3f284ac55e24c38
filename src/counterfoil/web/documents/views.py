"""The documents' settings, with a preview of what is typed before it is stored (product D1)."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.document import Document
from counterfoil.core.refusals import Refusal
from counterfoil.documents.look import Look
from counterfoil.documents.render import render_images, render_pdf
from counterfoil.flows import document_settings as flow
from counterfoil.records.billing import queries
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.display import current_zone
from counterfoil.web.documents.forms import PLACEHOLDER_HELP, LookForm, language_name
from counterfoil.web.saying import said

INVOICE, CREDIT_NOTE, NEWEST, MAIL = "invoice", "credit-note", "newest", "mail"
SHOWN = {
    INVOICE: _("A sample invoice"),
    CREDIT_NOTE: _("A sample credit note"),
    NEWEST: _("The newest invoice"),
    MAIL: _("The e-mail"),
}
# The same in the middle of a sentence.
WHAT = {
    INVOICE: _("a sample invoice"),
    CREDIT_NOTE: _("a sample credit note"),
    NEWEST: _("the newest invoice"),
    MAIL: _("the e-mail"),
}
PICTURES = {"png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml"}
RUNS_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@needs(Role.ADMINISTRATOR)
def settings(request: HttpRequest) -> HttpResponse:
    """Show and change how documents look and what they say."""
    look = flow.present_look()
    is_sent = request.method == "POST"
    form = LookForm(request.POST if is_sent else None, request.FILES if is_sent else None, look=look)
    if form.is_valid():
        try:
            flow.change_look(form.wanted(), now=clock.now())
        except Refusal as refusal:
            form.add_error("logo", said(refusal))
        else:
            messages.success(
                request, gettext("Documents look so from now on. Those issued before keep their look.")
            )
            return HttpResponseRedirect(reverse("documents"))
    context = {
        "form": form,
        "has_logo": bool(look.logo),
        "placeholders": PLACEHOLDER_HELP,
        "shown": SHOWN.items(),
        "languages": [(language, language_name(language)) for language in flow.languages()],
        "title": gettext("Documents"),
        "verb": gettext("Store changes"),
    }
    return render(request, "documents/settings.html", context)


@needs(Role.ADMINISTRATOR)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Answer with a document as it would look with what is typed; nothing is stored."""
    form = LookForm(request.POST, request.FILES, look=flow.present_look())
    what = request.POST.get("shown", INVOICE)
    context: dict[str, Any] = {"form": form, "what": WHAT.get(what, WHAT[INVOICE])}
    if form.is_valid():
        try:
            look = flow.look_wanted(form.wanted())
            document = _document(request, what)
            if what == MAIL:
                context["letter"] = flow.letter_for(document, look=look)
            else:
                context["pages"] = [b64encode(page).decode() for page in render_images(document, look=look)]
        except Refusal as refusal:
            context["refusal"] = said(refusal)
    return render(request, "documents/preview.html", context)


@needs(Role.ADMINISTRATOR)
def sample(request: HttpRequest) -> HttpResponse:
    """Answer with a sample as PDF, in the look that is stored."""
    language = request.GET.get("language", flow.languages()[0])
    try:
        document = flow.sample_document(language=language, today=_today())
    except Refusal as refusal:
        raise Http404 from refusal
    content = render_pdf(document, look=flow.present_look())
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="sample.pdf"'
    return response


@needs(Role.ADMINISTRATOR)
def logo(_request: HttpRequest) -> HttpResponse:
    """Answer with the logo."""
    look: Look = flow.present_look()
    if not look.logo:
        raise Http404
    response = HttpResponse(look.logo, content_type=PICTURES[look.logo_format])
    response["Content-Security-Policy"] = RUNS_NOTHING
    return response


def _document(request: HttpRequest, what: str) -> Document:
    """Return what is to be shown: the newest invoice the person may see if that is asked for, else a sample."""
    if what == NEWEST:
        issued = queries.visible_invoices().filter(number__isnull=False)
        rows = within_branches(issued, user=request.user)  # type: ignore[arg-type]
        newest = flow.newest_document(rows.order_by("-pk")[:1])
        if newest is not None:
            return newest
    return flow.sample_document(
        language=request.POST.get("language", ""), today=_today(), is_credit_note=what == CREDIT_NOTE
    )


def _today() -> date:
    return clock.now().astimezone(current_zone()).date()
