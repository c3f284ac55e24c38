"""Many charges at once: assigned, copied from a template client, ended (product A3; billing-rules 6.2).

They are assigned to clients, or to billing customers or dealers themselves.

Each first says what it would come to, with `"dry_run": true`; then nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from counterfoil import clock
from counterfoil.api.auth import Need
from counterfoil.api.errors import WrongValue
from counterfoil.api.repeating import once
from counterfoil.api.routes import does
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import BillingDate, DecimalText, Key, Request
from counterfoil.api.storing import LINKS, NothingCalledSo
from counterfoil.core.money import format_minor
from counterfoil.core.refusals import shown
from counterfoil.flows import assigning
from counterfoil.flows.admitting import admit_fields
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer

router = Router(tags=["charges"])
WRITES = Need("charges:write", frozenset({Role.BILLER}))

_WHOM: Mapping[str, tuple[Any, str]] = {
    "clients": (Client, "code"),
    "customers": (BillingCustomer, "account"),
    "dealers": (Dealer, "code"),
}

Keys = Annotated[list[Key], Field(min_length=1, max_length=assigning.MOST_AT_ONCE)]


class NameOneKind(WrongValue):
    """Send `clients`, or `customers`, or `dealers`: one kind of them."""


class AssignWanted(Request):
    """A master charge, by its `code`, for many clients; without `starts_on` from the day each was commissioned.

    In place of `clients` it is for `customers`, by account, or `dealers`, by code, that are charged themselves.
    """

    code: Key
    clients: Keys | None = None
    customers: Keys | None = None
    dealers: Keys | None = None
    starts_on: BillingDate | None = None
    ends_before: BillingDate | None = None
    quantity: DecimalText | None = None
    unit_price: DecimalText | None = None
    dry_run: bool = False


class CopyWanted(Request):
    """A `template` client whose charges of today are copied to many clients; who pays is not copied.

    In place of `clients` they are copied to `customers` or `dealers` that are charged themselves.
    """

    template: Key
    clients: Keys | None = None
    customers: Keys | None = None
    dealers: Keys | None = None
    starts_on: BillingDate | None = None
    dry_run: bool = False


class EndWanted(Request):
    """Charges that end before a day, the first that is not billed any more."""

    charges: Keys
    ends_before: BillingDate
    dry_run: bool = False


class LeftOut(Schema):
    """How many charges were not made, and why."""

    reason: str
    count: int


class SumOfCurrency(Schema):
    """An amount in a currency."""

    currency: str
    amount: DecimalText


class Assigned(Schema):
    """The identifiers of the charges made, what was left out, and what a whole charge period of them costs."""

    charges: list[str]
    left_out: list[LeftOut]
    price_of_a_period: list[SumOfCurrency]
    without_payer: int
    without_price: int


class Ended(Schema):
    """The charges that end now, and, in a dry run, what the next credit run gives back: net amounts, negative."""

    charges: list[str]
    unchanged: int
    credited: list[SumOfCurrency]
    credit_notes: int
    findings: list[str]


@does(router, "/assign", need=WRITES, answer=Assigned)
def assign_charges(request: HttpRequest, wanted: AssignWanted) -> HttpResponse:
    """Assign a master charge to many clients, customers or dealers, but to those that have it or may not have it."""

    def act() -> Assigned:
        master = LINKS["master_charge"].named(request, wanted.code)
        like = Charge(master_charge=master, quantity=wanted.quantity, unit_price=wanted.unit_price)
        admit_fields(like, fields=["quantity", "unit_price"])
        return _assign(request, wanted, like=[like], ends_before=wanted.ends_before)

    return once(request, act)


@does(router, "/copy", need=WRITES, answer=Assigned)
def copy_charges(request: HttpRequest, wanted: CopyWanted) -> HttpResponse:
    """Copy the charges that a template client has today to many others, but what those have or may not have."""

    def act() -> Assigned:
        template = LINKS["client"].named(request, wanted.template)
        today = clock.today(the_organisation().timezone)
        like = assigning.charges_of_template(template, on=today)
        return _assign(request, wanted, like=like, ends_before=None)

    return once(request, act)


@does(router, "/end", need=WRITES, answer=Ended)
def end_charges(request: HttpRequest, wanted: EndWanted) -> HttpResponse:
    """End charges; what is billed beyond is credited by the next credit run, and a dry run says how much that is."""

    def act() -> Ended:
        rows = seen(Charge.objects.all(), request=request, path="client__branch")
        known = dict(rows.filter(key__in=wanted.charges).values_list("key", "pk"))
        _check_known(wanted.charges, set(known), what="charge")
        do = assigning.would_end if wanted.dry_run else assigning.end
        found = do(known.values(), ends_before=wanted.ends_before)
        return Ended(
            charges=sorted(key for key, pk in known.items() if pk in found.before),
            unchanged=found.unchanged,
            credited=[
                SumOfCurrency(currency=code, amount=format_minor(net, code))
                for code, net in found.credited.items()
            ],
            credit_notes=found.notes,
            findings=list(found.findings),
        )

    return once(request, act)


def _assign(
    request: HttpRequest,
    wanted: AssignWanted | CopyWanted,
    *,
    like: list[Charge],
    ends_before: date | None,
) -> Assigned:
    rows = _whom(request, wanted)
    do = assigning.would_assign if wanted.dry_run else assigning.assign
    found = do(rows, like=like, starts_on=wanted.starts_on, ends_before=ends_before)
    return Assigned(
        charges=[charge.key for charge in found.charges],
        left_out=[LeftOut(reason=reason, count=count) for reason, count in found.left_out.items()],
        price_of_a_period=[
            SumOfCurrency(currency=code, amount=f"{price:f}")
            for code, price in found.price_of_a_period.items()
        ],
        without_payer=found.without_payer,
        without_price=found.without_price,
    )


def _whom(request: HttpRequest, wanted: AssignWanted | CopyWanted) -> assigning.Whom:
    """Return the clients, customers or dealers that were sent. Raises `NameOneKind` and `NothingCalledSo`."""
    given = [(word, getattr(wanted, word)) for word in _WHOM if getattr(wanted, word) is not None]
    if len(given) != 1:
        raise NameOneKind
    [(word, keys)] = given
    model, path = _WHOM[word]
    rows = seen(model.objects.all(), request=request).filter(**{f"{path}__in": keys})
    _check_known(keys, set(rows.values_list(path, flat=True)), what=word.removesuffix("s"))
    return rows


def _check_known(keys: list[str], known: set[str], *, what: str) -> None:
    for key in keys:
        if key not in known:
            raise NothingCalledSo(what=what, key=shown(key))
