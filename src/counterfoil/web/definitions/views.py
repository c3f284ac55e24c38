"""The pages of batch definitions: list and form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from counterfoil.flows.billing.requesting import BILLED_KINDS
from counterfoil.records.billing.models import BatchDefinition, CreditBasis
from counterfoil.records.catalog.models import Kind
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.customers.lists import ACTIVE
from counterfoil.web.layout.editing import edit_page, posted
from counterfoil.web.lists.columns import Column
from counterfoil.web.lists.columns import Kind as Shown
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page


class DefinitionForm(forms.ModelForm):
    """A batch definition."""

    kinds = forms.MultipleChoiceField(
        label="Kinds of charge and event",
        choices=[(kind, Kind(kind).label) for kind in BILLED_KINDS],
        widget=forms.CheckboxSelectMultiple,
        initial=[Kind.SERVICE.value],
        required=False,
    )
    connector = forms.ChoiceField(
        choices=[("csv", "CSV files"), ("", "Nowhere")], initial="csv", required=False
    )

    class Meta:
        model = BatchDefinition
        fields = [
            "name",
            "title",
            "kinds",
            "payer",
            "branch",
            "grouping",
            "amalgamated",
            "keeps_zero",
            "credit_basis",
            "past_periods_allowed",
            "connector",
            "send_email",
            "is_active",
        ]
        labels = {
            "payer": "Who pays",
            "grouping": "Invoices",
            "amalgamated": "One line a tax category and rate",
            "keeps_zero": "Keep invoices over 0.00",
            "credit_basis": "Credits",
            "past_periods_allowed": "Past periods allowed",
            "send_email": "Send by e-mail to customers who want it so",
            "is_active": "Is active",
        }
        help_texts = {
            "name": "Letters, digits and hyphens: programs and schedules name it so",
            "amalgamated": "The breakdown is attached to the invoice as its charge summary",
            "credit_basis": "Other than billing: days billed and no longer served are given back",
            "keeps_zero": "They are stored without a number and not delivered",
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a definition that bills no kind; one that credits may leave them all empty, for every kind."""
        cleaned: dict[str, Any] = super().clean()
        if not cleaned.get("kinds") and cleaned.get("credit_basis") == CreditBasis.NONE:
            self.add_error("kinds", "Tick at least one kind.")
        return cleaned


DEFINITIONS = Listing(
    name="definitions",
    noun=Noun("definition", "definitions"),
    columns=(
        Column(
            name="name",
            label="Name",
            kind=Shown.CODE,
            link="definition-edit",
            sort=("name",),
            index="unique name",
        ),
        Column(name="title", label="Title", link="definition-edit"),
        Column(name="payer", label="Who pays", value="get_payer_display"),
        Column(
            name="branch", label="Branch", value=lambda row: row.branch.name if row.branch else "Every branch"
        ),
        Column(name="grouping", label="Invoices", value="get_grouping_display"),
        Column(name="amalgamated", label="Amalgamated", kind=Shown.YES_NO, is_shown=False),
        Column(name="keeps_zero", label="Keeps zero", kind=Shown.YES_NO, is_shown=False),
        Column(name="connector", label="Connector"),
        Column(name="send_email", label="E-mail", kind=Shown.YES_NO),
        Column(name="is_active", label="State", kind=Shown.STATE, states=ACTIVE),
        Column(
            name="run",
            label="",
            value=lambda row: "Preview run" if row.is_active else None,
            link=lambda row: f"{reverse('run-new')}?definition={row.pk}",
        ),
    ),
    default_sort="name",
    search=("name__icontains", "title__icontains"),
    search_hint="Name, title",
    empty=Empty(
        title="No definitions yet",
        explanation="A definition says what a run selects, how it groups invoices, and where they go.",
        action="Add definition",
        address_name="definition-new",
    ),
)


def _seen(request: HttpRequest) -> QuerySet[BatchDefinition]:
    rows = BatchDefinition.objects.select_related("branch")
    return within_branches(rows, user=request.user)  # type: ignore[arg-type]


@needs(Role.VIEWER)
def definitions(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    context = {"new": reverse("definition-new"), "new_label": "Add definition"}
    return list_page(
        request, listing=DEFINITIONS, queryset=_seen(request), title="Definitions", context=context
    )


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add one."""
    return _page(request, BatchDefinition(), title="New definition", verb="Add definition")


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one; runs keep the selection they began with."""
    found = get_object_or_404(_seen(request), pk=key)
    return _page(request, found, title=f"Edit {found}", verb="Store changes")


def _page(request: HttpRequest, definition: BatchDefinition, *, title: str, verb: str) -> HttpResponse:
    back = reverse("definitions")
    form = DefinitionForm(posted(request), instance=definition)
    user: Any = request.user
    form.fields["branch"].queryset = within_branches(Branch.objects.all(), user=user, path="pk")  # type: ignore[attr-defined]
    form.fields["branch"].required = user.branches.exists()
    if definition.pk is None:
        form.initial["kinds"] = [Kind.SERVICE.value]
    return edit_page(request, form=form, title=title, verb=verb, back=back, done=lambda _: back)
