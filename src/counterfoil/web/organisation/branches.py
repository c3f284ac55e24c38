"""The pages of branches: list, one with its history, add and change."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.web.access import needs
from counterfoil.web.layout.editing import WordedForm, edit_page, posted
from counterfoil.web.layout.history import history_of
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.templatetags.counterfoil import Tab

FIELDS = ["name", "address", "postcode", "city", "email", "phone"]

BRANCHES = Listing(
    name="branches",
    noun=Noun("branch", "branches"),
    columns=(
        Column(
            name="code", label=_("Code"), kind=Kind.CODE, link="branch", sort=("code",), index="unique code"
        ),
        Column(name="name", label=_("Name"), link="branch", sort=("name",)),
        Column(name="city", label=_("City"), sort=("city",)),
        Column(name="email", label=_("E-mail")),
        Column(name="phone", label=_("Phone"), is_shown=False),
        Column(name="limited", label=_("Users limited to it"), kind=Kind.COUNT),
    ),
    default_sort="code",
    search=("code__istartswith", "name__icontains", "city__istartswith"),
    search_hint=_("Code, name, city"),
    empty=Empty(
        title=_("No branches yet"),
        explanation=_(
            "Every document belongs to a branch, which numbers its own. A bureau has at least one."
        ),
        action=_("Add branch"),
        address_name="branch-new",
    ),
)


class BranchForm(WordedForm):
    """A branch. Documents issued before keep what they said."""

    class Meta:
        model = Branch
        fields = FIELDS
        labels = {"email": _("E-mail")}
        help_texts = {
            "email": _("Sender of its mails, and on its documents. Empty: the organisation's"),
            "address": _("On its documents, in place of the organisation's. Empty: the organisation's"),
            "phone": _("On its documents. Empty: the organisation's"),
        }


class NewBranchForm(BranchForm):
    """A new branch, with the code that will stand in its numbers."""

    class Meta(BranchForm.Meta):
        fields = ["code", *FIELDS]
        help_texts = {**BranchForm.Meta.help_texts, "code": _("May stand in document numbers; it stays")}


def address(branch: Branch) -> str:
    """Return the page of *branch*."""
    return reverse("branch", args=[branch.pk])


@needs(Role.ADMINISTRATOR)
def branches(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = Branch.objects.annotate(limited=Count("users"))
    context = {"new": reverse("branch-new"), "new_label": gettext("Add branch")}
    return list_page(request, listing=BRANCHES, queryset=rows, title=gettext("Branches"), context=context)


@needs(Role.ADMINISTRATOR)
def branch(request: HttpRequest, key: int) -> HttpResponse:
    """Show one, with who is limited to it and its history."""
    found = get_object_or_404(Branch, pk=key)
    chosen = request.GET.get("tab", "users")
    limited = User.objects.filter(branches=found).order_by("username")
    context: dict[str, Any] = {
        "branch": found,
        "title": found.name,
        "tabs": [
            Tab(gettext("Users limited to it"), "?tab=users", chosen == "users", limited.count()),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
    }
    if chosen == "history":
        context["history"] = history_of(found)
    else:
        context["users"] = list(limited)
    return render(request, "organisation/branch.html", context)


@needs(Role.ADMINISTRATOR)
def new(request: HttpRequest) -> HttpResponse:
    """Add one."""
    form = NewBranchForm(posted(request))
    return edit_page(
        request,
        form=form,
        title=gettext("New branch"),
        verb=gettext("Add branch"),
        back=reverse("branches"),
        done=address,
    )


@needs(Role.ADMINISTRATOR)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one."""
    found = get_object_or_404(Branch, pk=key)
    form = BranchForm(posted(request), instance=found)
    return edit_page(
        request,
        form=form,
        title=gettext("Edit %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=address(found),
        done=address,
    )
