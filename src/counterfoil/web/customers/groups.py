"""The pages of customer groups, by which definitions can select (product C1)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from counterfoil.core.refusals import Refusal
from counterfoil.flows.grouping_customers import groups_with_counts, remove_group, store_group
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import CustomerGroup
from counterfoil.web.access import needs
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import WordedForm, posted
from counterfoil.web.saying import said


class GroupForm(WordedForm):
    """A customer group: its name."""

    class Meta:
        model = CustomerGroup
        fields = ["name"]
        help_texts = {"name": _("Imports and programs name it so")}


@needs(Role.VIEWER)
def groups(request: HttpRequest) -> HttpResponse:
    """List them, with how many customers each has."""
    context = {"groups": groups_with_counts(), "title": gettext("Customer groups")}
    return render(request, "customers/groups.html", context)


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add one."""
    return _form(
        request, CustomerGroup(), title=gettext("New customer group"), verb=gettext("Add customer group")
    )


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Rename one."""
    found = get_object_or_404(CustomerGroup, pk=key)
    return _form(
        request,
        found,
        title=gettext("Rename %(name)s") % {"name": found},
        verb=gettext("Rename customer group"),
    )


@needs(Role.BILLER)
def delete(request: HttpRequest, key: int) -> HttpResponse:
    """Take one away, once the person has agreed."""
    found = get_object_or_404(groups_with_counts(), pk=key)
    back = reverse("customer-groups")
    confirmation = Confirmation(
        title=gettext("Remove customer group %(name)s") % {"name": found},
        sentence=ngettext(
            "%(count)s billing customer is in no group then. What is billed stays as it is.",
            "%(count)s billing customers are in no group then. What is billed stays as it is.",
            found.members,  # type: ignore[attr-defined]
        )
        % {"count": found.members},  # type: ignore[attr-defined]
        verb=gettext("Remove customer group"),
        back=back,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        remove_group(found)
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, gettext("The customer group %(name)s was removed.") % {"name": found})
    return HttpResponseRedirect(back)


def _form(request: HttpRequest, record: CustomerGroup, *, title: str, verb: str) -> HttpResponse:
    form = GroupForm(posted(request), instance=record)
    if form.is_valid():
        try:
            store_group(form.instance)
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("The customer group %(name)s was stored.") % {"name": record})
            return HttpResponseRedirect(reverse("customer-groups"))
    context = {"form": form, "title": title, "verb": verb, "back": reverse("customer-groups")}
    return render(request, "counterfoil/layout/form.html", context)
