"""The pages of contacts: whom to speak to at a customer, a client or a dealer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.flows.editing import remove
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches, within_branches_of
from counterfoil.records.parties.models import BillingCustomer, Client, Contact, Dealer
from counterfoil.web.access import needs
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import AdmittedForm, edit_page, posted

WHOSE: dict[str, type[Model]] = {"customer": BillingCustomer, "client": Client, "dealer": Dealer}


class ContactForm(AdmittedForm):
    """Somebody to speak to."""

    class Meta:
        model = Contact
        fields = ["name", "function", "phone", "email"]
        labels = {"email": _("E-mail")}
        help_texts = {
            "function": _("Such as accounts payable, or key holder"),
            "email": _("To write to this person. Where invoices go is said by the billing customer"),
        }
        widgets = {"phone": forms.TextInput(attrs={"type": "tel"})}


def seen_contacts(user: Any) -> QuerySet[Contact]:
    """Return the contacts of the customers, clients and dealers that *user* may see."""
    return within_branches_of(
        Contact.objects.select_related("customer", "client", "dealer"),
        user=user,
        paths=[f"{name}__branch_id" for name in WHOSE],
    )


def page_of(contact: Contact) -> str:
    """Return the page on which *contact* stands."""
    for name in WHOSE:
        key = getattr(contact, f"{name}_id")
        if key is not None:
            return reverse(name, args=[key]) + "?tab=contacts"
    raise Http404


@needs(Role.BILLER)
def new(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Add a contact of a customer, a client or a dealer."""
    if kind not in WHOSE:
        raise Http404
    rows = within_branches(WHOSE[kind].objects.all(), user=request.user)  # type: ignore[attr-defined]
    contact = Contact(**{kind: get_object_or_404(rows, pk=key)})
    return _page(
        request,
        contact,
        title=gettext("New contact of %(name)s") % {"name": getattr(contact, kind)},
        verb=gettext("Add contact"),
    )


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one."""
    found = get_object_or_404(seen_contacts(request.user), pk=key)
    return _page(
        request,
        found,
        title=gettext("Edit contact %(name)s") % {"name": found},
        verb=gettext("Store changes"),
    )


@needs(Role.BILLER)
def delete(request: HttpRequest, key: int) -> HttpResponse:
    """Forget one, once the person has agreed."""
    found = get_object_or_404(seen_contacts(request.user), pk=key)
    back = page_of(found)
    confirmation = Confirmation(
        title=gettext("Delete contact %(name)s") % {"name": found},
        sentence=gettext("%(name)s is no longer a contact here. Invoices go where they went.")
        % {"name": found},
        verb=gettext("Delete contact"),
        back=back,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    remove(found)
    messages.success(request, gettext("The contact was deleted."))
    return HttpResponseRedirect(back)


def _page(request: HttpRequest, contact: Contact, *, title: str, verb: str) -> HttpResponse:
    form = ContactForm(posted(request), instance=contact)
    return edit_page(request, form=form, title=title, verb=verb, back=page_of(contact), done=page_of)
