"""The table of a client's charges, edited in place: a row becomes a form, is stored, and becomes a row again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil.core.refusals import Refusal
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.flows.assigning import next_key
from counterfoil.flows.editing import store
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.organisation.queries import surroundings_of, within_branches
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.access import needs
from counterfoil.web.charges.forms import (
    WHILE_COMMISSIONED,
    ask_while_commissioned,
    ask_who_pays,
    assignable_to,
    leave_out_what_follows,
)
from counterfoil.web.charges.inherited import inherited
from counterfoil.web.charges.priced import with_prices
from counterfoil.web.charges.views import seen
from counterfoil.web.layout.editing import AdmittedForm, DayInput, KeyField, LastDayField, posted, show_wrong
from counterfoil.web.saying import said

MOST_ROWS = 200
CHANGED = "charges-changed"
INHERITED_FROM = (
    "client__customer",
    "client__dealer",
    "customer",
    "master_charge__charge_period",
    "master_charge__tax_category",
    "master_charge__tariff",
    "master_charge__escalation",
)


class RowForm(AdmittedForm):
    """The values of a charge that stand in the table; what is empty comes from the levels below (billing-rules 4.1)."""

    ends_before = LastDayField(label=_("Last day"), required=False)
    customer = KeyField(
        BillingCustomer.objects.all(),
        key="account",
        unknown=_("There is no billing customer with this account. Type it exactly, or choose a suggestion."),
        suggestions="customer-suggestions",
        label=_("Who pays"),
    )

    class Meta:
        model = Charge
        fields = [
            "starts_on",
            "ends_before",
            "quantity",
            "unit_price",
            "customer",
            "paid_by",
            "while_commissioned",
        ]
        widgets = {"starts_on": DayInput}
        labels = {
            "starts_on": _("First day"),
            "unit_price": _("Unit price"),
            "paid_by": _("Paid by"),
            "while_commissioned": WHILE_COMMISSIONED,
        }

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        charge: Charge = more["instance"]
        super().__init__(data, prefix=f"c{charge.pk or 'new'}", **more)
        ask_who_pays(self, user=user)
        ask_while_commissioned(self)
        leave_out_what_follows(self, client=charge.client)
        for field in self.fields.values():
            field.widget.attrs |= {"form": self.form_id}

    @property
    def stored(self) -> tuple[str, ...]:
        """Return the fields of the record that the row changes."""
        return tuple(self.fields)

    @property
    def form_id(self) -> str:
        """Return the id of the form element, which stands in the row's last cell."""
        return f"row-{self.prefix}"


class NewRowForm(RowForm):
    """A charge to be assigned, as a row of the table."""

    master_charge = KeyField(
        MasterCharge.objects.filter(is_active=True),
        key="code",
        unknown=_("There is no master charge with this code. Type it exactly, or choose a suggestion."),
        suggestions="master-charge-suggestions",
        required=True,
        label=_("Master charge"),
    )

    class Meta(RowForm.Meta):
        fields = ["master_charge", *RowForm.Meta.fields]

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        master: Any = self.fields["master_charge"].widget
        master.query = assignable_to(self.instance.client)
        master.attrs |= {"placeholder": gettext("Code"), "autofocus": True}


@needs(Role.VIEWER)
def row(request: HttpRequest, key: int) -> HttpResponse:
    """Show one row of the table as it is stored."""
    get_object_or_404(seen(request), pk=key)
    return _row(request, key)


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Show the row as a form; stored, it is a row again that offers to undo what was changed."""
    found = get_object_or_404(seen(request).select_related("client", "customer", "master_charge"), pk=key)
    before = Charge.objects.select_related(*INHERITED_FROM).get(pk=key)
    form = RowForm(posted(request), user=request.user, instance=found)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid() and _stored(form, fields=form.stored):
        undo = RowForm(user=request.user, instance=before)  # type: ignore[arg-type]
        return _told(_row(request, key, undo=undo if form.changed_data else None))
    told = inherited(before, mode=surroundings_of(request.user).customer_mode)  # type: ignore[arg-type]
    context = {"form": form, "charge": found, "inherited": told, "title": found.description}
    return render(request, "charges/row_form.html", context)


@needs(Role.BILLER)
def assign(request: HttpRequest, client: int) -> HttpResponse:
    """Show a row to type a new charge in; stored, the whole table is shown with it."""
    clients = within_branches(Client.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(clients, pk=client)
    form = NewRowForm(
        posted(request),
        user=request.user,  # type: ignore[arg-type]
        instance=Charge(client=found, key=next_key(found)),
        initial={"starts_on": found.commissioned_on},
    )
    if request.method == "POST" and form.is_valid() and _stored(form, fields=()):
        return _told(table(request, client=client))
    return render(request, "charges/new_row.html", {"form": form, "client": found})


@needs(Role.VIEWER)
def table(request: HttpRequest, client: int) -> HttpResponse:
    """Show the table of a client's charges alone."""
    clients = within_branches(Client.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(clients, pk=client)
    charges = with_prices(found.charges.order_by("key")[:MOST_ROWS])
    return render(request, "charges/table.html", {"client": found, "charges": charges})


@needs(Role.BILLER)
@require_POST
def ticked(request: HttpRequest, client: int) -> HttpResponse:
    """Answer how many charges are ticked."""
    count = seen(request).filter(client=client, pk__in=keys_ticked(request)).count()
    words = ngettext("%(count)s charge", "%(count)s charges", count) % {"count": count}
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


def keys_ticked(request: HttpRequest) -> list[int]:
    """Return the ids that the posted form ticked."""
    given = request.POST.getlist("selected")[:MOST_ROWS]
    return [int(key) for key in given if key.isascii() and key.isdecimal() and len(key) < len(str(2**63))]


def _stored(form: RowForm, *, fields: tuple[str, ...]) -> bool:
    try:
        store(form.instance, fields=list(fields))
    except ValuesAreWrong as refusal:
        show_wrong(form, refusal)
    except Refusal as refusal:
        form.add_error(None, said(refusal))
    return not form.errors


def _row(request: HttpRequest, key: int, *, undo: RowForm | None = None) -> HttpResponse:
    one = with_prices(Charge.objects.filter(pk=key))[0]
    context = {"one": one, "terms": one.terms, "undo": undo, "is_told": undo is not None}
    return render(request, "charges/row.html", context)


def _told(response: HttpResponse) -> HttpResponse:
    """Let the page know that charges have changed, so that what it forecasts is worked out again."""
    response["HX-Trigger"] = CHANGED
    return response
