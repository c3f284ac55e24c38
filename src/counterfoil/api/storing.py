"""New and changed records, from what a program sends: only the words that were sent are stored.

What a record may hold is said by `flows.admitting`, as for people; its problems are answered by the word sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from django.db.models import JSONField, Model, QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from counterfoil.api.errors import WrongValue
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import Request
from counterfoil.core.refusals import shown
from counterfoil.flows.admitting import ValuesAreWrong, admit_whole
from counterfoil.flows.editing import remove, store_sent
from counterfoil.records.catalog.models import ChargePeriod, Escalation, MasterCharge, Tariff, TaxCategory
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import BillingLink, Branch
from counterfoil.records.parties.models import BillingCustomer, Client, CustomerGroup, Dealer

AnyRecord = TypeVar("AnyRecord", bound=Model)
Done = TypeVar("Done")

Text = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]
"""Words to be stored; how many fit is said by the record."""


class Removed(Schema):
    """What is no longer there."""

    id: int


class NothingCalledSo(WrongValue):
    """There is no {what} {key} that you may see. Send the key of one that is stored."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A word that names another record by its key: among which rows, by which column, and what it is called."""

    rows: Callable[[HttpRequest], QuerySet[Any]]
    key: str
    what: str

    def named(self, request: HttpRequest, key: str) -> Any:
        """Return the record called *key* that the person may see. Raises `NothingCalledSo`."""
        return named(self.rows(request), self.key, key, what=self.what)


LINKS: Mapping[str, Link] = {
    "branch": Link(
        rows=lambda request: seen(Branch.objects.all(), request=request, path="pk"), key="code", what="branch"
    ),
    "customer": Link(
        rows=lambda request: seen(BillingCustomer.objects.all(), request=request),
        key="account",
        what="customer",
    ),
    "dealer": Link(
        rows=lambda request: seen(Dealer.objects.all(), request=request), key="code", what="dealer"
    ),
    "client": Link(
        rows=lambda request: seen(Client.objects.all(), request=request), key="code", what="client"
    ),
    "charge": Link(
        rows=lambda request: seen(Charge.objects.all(), request=request, path="client__branch"),
        key="key",
        what="charge",
    ),
    "master_charge": Link(rows=lambda _: MasterCharge.objects.all(), key="code", what="master charge"),
    "charge_period": Link(rows=lambda _: ChargePeriod.objects.all(), key="name", what="charge period"),
    "tax_category": Link(rows=lambda _: TaxCategory.objects.all(), key="code", what="tax category"),
    "billing_link": Link(rows=lambda _: BillingLink.objects.all(), key="name", what="billing link"),
    "group": Link(rows=lambda _: CustomerGroup.objects.all(), key="name", what="customer group"),
    "category": Link(rows=lambda _: TaxCategory.objects.all(), key="code", what="tax category"),
    "escalation": Link(rows=lambda _: Escalation.objects.all(), key="name", what="escalation"),
    "tariff": Link(rows=lambda _: Tariff.objects.all(), key="name", what="tariff"),
}
"""The fields that refer to another record, whichever record they are of."""


def named(rows: QuerySet[AnyRecord], path: str, key: str, *, what: str) -> AnyRecord:
    """Return the one of *rows* whose *path* is *key*. Raises `NothingCalledSo`."""
    found = rows.filter(**{path: key}).first()
    if found is None:
        raise NothingCalledSo(what=what, key=shown(key))
    return found


def stored(
    request: HttpRequest, record: AnyRecord, wanted: Request, *, called: Mapping[str, str] | None = None
) -> AnyRecord:
    """Store *record* with the words that *wanted* sends; *called* gives the field of a word that is called otherwise.

    A word that is not sent leaves what is stored, and null empties it. Raises `ValuesAreWrong`, `NothingCalledSo`.
    """
    fields = _set(request, record, wanted, called=called)
    return _in_its_words(lambda: store_sent(record, fields=list(fields.values())), fields=fields)


def done_with(
    request: HttpRequest,
    record: AnyRecord,
    wanted: Request,
    *,
    beside: Collection[str],
    act: Callable[[AnyRecord], Done],
    called: Mapping[str, str] | None = None,
) -> Done:
    """Return what *act* does with *record* once it has the words that *wanted* sends, but for those *beside* it.

    *called* gives the field of a word that is called otherwise. Raises as `stored` does.
    """
    fields = _set(request, record, wanted, beside=beside, called=called)
    return _in_its_words(lambda: act(record), fields=fields)


def admitted(
    request: HttpRequest, record: AnyRecord, wanted: Request, *, called: Mapping[str, str] | None = None
) -> AnyRecord:
    """Return *record* as `stored` would store it; nothing is stored. Raises what that does."""
    fields = _set(request, record, wanted, called=called)
    _in_its_words(lambda: admit_whole(record), fields=fields)
    return record


def _set(
    request: HttpRequest,
    record: AnyRecord,
    wanted: Request,
    *,
    called: Mapping[str, str] | None = None,
    beside: Collection[str] = (),
) -> dict[str, str]:
    """Put on *record* what *wanted* sends; return the field of each word."""
    fields = {word: (called or {}).get(word, word) for word in wanted.model_fields_set if word not in beside}
    for word, name in fields.items():
        value = getattr(wanted, word)
        link = LINKS.get(name)
        if link and value is not None:
            value = link.named(request, value)
        setattr(record, name, _kept(record, name, value) if isinstance(value, list) else value)
    _take_the_only_branch(request, record)
    return fields


def _in_its_words(act: Callable[[], Done], *, fields: Mapping[str, str]) -> Done:
    """Return what *act* returns; what it refuses is told by the words that were sent."""
    try:
        return act()
    except ValuesAreWrong as refusal:
        words = {name: word for word, name in fields.items()}
        problems = {words.get(name, name): told for name, told in refusal.problems.items()}
        raise ValuesAreWrong(told=str(refusal), problems=problems) from refusal


def _kept(record: Model, name: str, values: list[Any]) -> Any:
    """Return several *values* as the record keeps them: recipients as one text, others as a list."""
    words = [str(value) for value in values]
    return words if isinstance(record._meta.get_field(name), JSONField) else "; ".join(words)


def removed(record: Model) -> Removed:
    """Delete *record* and say so."""
    gone = Removed(id=record.pk)
    remove(record)
    return gone


def _take_the_only_branch(request: HttpRequest, record: Model) -> None:
    """Let a new record without a branch be of the only branch that the person sees."""
    if record.pk is None and getattr(record, "branch_id", 0) is None:
        branches = list(LINKS["branch"].rows(request)[:2])
        if len(branches) == 1:
            record.branch = branches[0]  # type: ignore[attr-defined]
