"""Sales invoices by hand: lines of master charges or free text, rated like every sale, a draft of a run of its own.

A sales invoice is a sale, an event, that no run bills by itself. Its draft is reviewed, issued, delivered, voided and
credited as any other. Voided, or its draft excluded, it can be changed and made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import polars as pl
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from psycopg.errors import UniqueViolation

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.engine.billing import Billed, bill
from counterfoil.engine.grouping import Grouping
from counterfoil.flows.billing.load import load_shard
from counterfoil.flows.billing.persist import store_billed
from counterfoil.flows.billing.review import abandon, exclude
from counterfoil.flows.billing.run import SHARD_CHARGES, shards_of, terms_of
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.closing import check_books_open
from counterfoil.flows.consolidating.queueing import flag_of, put_on_queue, release
from counterfoil.flows.own_clients import own_client
from counterfoil.flows.recording import record_event
from counterfoil.records.audit import moment_of_trail
from counterfoil.records.billing import actions
from counterfoil.records.billing.models import Invoice, InvoiceLine, Run, RunShard, RunStatus
from counterfoil.records.catalog.models import Kind, MasterCharge, TaxCategory
from counterfoil.records.charges.event_actions import change_events
from counterfoil.records.charges.models import BillableEvent, EventCharge, EventKind
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.records.parties.queries import sites

CHANGED = "Changed before it was issued"
LONGEST_KEY = 70
CHOSEN_BY_HAND = "Chosen with the invoice"


class SaleNeedsALine(Refusal):
    """A sales invoice has at least one line. Give it a master charge, or a text with a price and a tax category."""


class TextSaysTooLittle(Refusal):
    """Line {line} has no master charge, so it needs a description, a unit price and a tax category of its own."""


class TextNeedsALedgerCode(Refusal):
    """Line {line} has no master charge, so it needs a ledger code, for its revenue to be posted. Give it one, or let
    the organisation have one for free text.
    """


class LedgerCodeOfMaster(Refusal):
    """Line {line}: the revenue of {code} goes where that master charge says. Leave the ledger code out."""


class NotForSale(Refusal):
    """Line {line}: {code} is a charge of the kind {kind}, and a sales invoice charges what is of the kind sale. Choose
    another master charge, or write the line as free text.
    """


class SaleKeyTaken(Refusal):
    """There is {key} already: a sale, or another event, is called so. Give another identifier, or leave it empty."""


class ClientPaysElsewhere(Refusal):
    """The client {client} is not one of {customer}'s. Choose one of the customer's clients, or leave it empty."""


class SaleNotBilled(Refusal):
    """Nothing was stored. {why}"""


class SaleIsIssued(Refusal):
    """{name} is {state}, so it is changed no more. Void it, or credit it, and make another one."""


class SaleIsReplaced(Refusal):
    """Another sales invoice has taken the place of {key} already. Look for that one."""


@dataclass(frozen=True, kw_only=True)
class SaleLine:
    """One line: what a master charge of the kind sale says but for what is given, or free text that gives all.

    The *ledger code* is that of free text alone; empty, it is the organisation's for free text.
    """

    master_charge: MasterCharge | None = None
    description: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    tax_category: TaxCategory | None = None
    ledger_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A sales invoice as somebody types it.

    *client* None is the client that stands for the customer itself; *key* empty is given by the program. *queues* says
    whether it waits for a consolidated billing, None being what the customer's settings say (8.1).
    """

    customer: BillingCustomer
    invoice_date: date
    lines: Sequence[SaleLine]
    client: Client | None = None
    key: str = ""
    po_number: str = ""
    queues: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """The run whose drafts bill some sales, and FINDINGS for what could not be billed."""

    run: Run
    findings: pl.DataFrame


def make_sale(sale: Sale, *, by: User | None, now: datetime) -> Invoice:
    """Store a sales invoice as the draft of a run of its own, in review, and return it.

    Raises `SaleNeedsALine`, `TextSaysTooLittle`, `TextNeedsALedgerCode`, `LedgerCodeOfMaster`, `NotForSale`,
    `SaleKeyTaken`, `ClientPaysElsewhere`, `BooksClosed`, and `SaleNotBilled`, which says why it cannot be rated.
    """
    with transaction.atomic():
        return _draft(_record(sale), sale, by=by, now=now)


def revise_sale(event_id: int, sale: Sale, *, by: User | None, now: datetime) -> Invoice:
    """Let another sales invoice take the place of one that is not issued, or was voided, and return its draft.

    It takes over the identifier unless it has its own; what was drafted before is kept as it was. The former draft is
    taken out of its run, which is abandoned if it had no other. Raises as `make_sale` does, and
    `SaleIsIssued` and `SaleIsReplaced`.
    """
    with transaction.atomic():
        former = BillableEvent.objects.select_for_update().get(pk=event_id, is_invoice=True)
        if not former.is_chargeable:
            raise SaleIsReplaced(key=former.key)
        draft = invoice_of(former)
        if draft is not None:
            _take_out(draft, by=by, now=now)
        key = former.key
        _give_up_key(former)
        kept = replace(sale, key=sale.key.strip() or key)
        return _draft(_record(kept), kept, by=by, now=now)


def show_sale(sale: Sale, *, by: User | None, now: datetime) -> Invoice:
    """Return the invoice, without its lines, that `make_sale` would store; stores nothing. Raises what that does."""
    with transaction.atomic():
        unnamed = replace(sale, key="", queues=None)
        shown = _draft(_record(unnamed), unnamed, by=by, now=now)
        transaction.set_rollback(True)
    return shown


def invoice_of(event: BillableEvent) -> Invoice | None:
    """Return the invoice that bills a sale at this moment, draft or issued; None where none does."""
    line = InvoiceLine.objects.filter(event_charge__event=event, pk__in=_marks(event)).first()
    return Invoice.objects.select_related("run", "customer").get(pk=line.invoice_id) if line else None


def _marks(event: BillableEvent) -> list[int]:
    charges = EventCharge.objects.filter(event=event, charged__isnull=False)
    return list(charges.values_list("charged__line_id", flat=True))


def sale_of(invoice: Invoice) -> BillableEvent | None:
    """Return the sale that *invoice* bills, if it is a sales invoice made by hand or imported."""
    line = sales_of(invoice).select_related("event__client", "event__customer").first()
    return line.event if line else None


def sales_of(invoice: Any) -> QuerySet[EventCharge]:
    """Return the charges of sales, made by hand or imported, that *invoice*, or a reference to one, bills; in order."""
    return EventCharge.objects.filter(lines__invoice=invoice, event__is_invoice=True).order_by("pk")


def _take_out(draft: Invoice, *, by: User | None, now: datetime) -> None:
    """Take the draft of a sale out of its run. Raises `SaleIsIssued`."""
    if hasattr(draft, "number"):
        raise SaleIsIssued(name=draft.number.number, state=sentence("issued"))
    run = actions.lock_run(draft.run_id)
    alone = not Invoice.objects.filter(run=run, exclusion__isnull=True).exclude(pk=draft.pk).exists()
    if alone and run.status == RunStatus.IN_REVIEW:
        abandon(run.pk, reason=CHANGED, now=now)
    else:
        exclude([draft.pk], reason=CHANGED, by=by, now=now)


def _record(sale: Sale) -> BillableEvent:
    """Store what *sale* says as an event."""
    usual = the_organisation().text_ledger_code
    charges = [
        _charge(line, number=number, usual_ledger_code=usual)
        for number, line in enumerate(sale.lines, start=1)
    ]
    if not charges:
        raise SaleNeedsALine
    key = sale.key.strip() or _next_key()
    former = BillableEvent.objects.select_for_update().filter(key=key).first()
    if former is not None:
        if not _is_given_up(former):
            raise SaleKeyTaken(key=key)
        _give_up_key(former)
    if sale.client and sale.client.customer_id != sale.customer.pk:
        raise ClientPaysElsewhere(client=sale.client.code, customer=sale.customer.account)
    event = BillableEvent(
        key=key,
        kind=EventKind.SALE.value,
        is_invoice=True,
        client=sale.client or _client_itself(sale.customer),
        customer=sale.customer,
        occurred_on=sale.invoice_date,
        to_be_billed_on=sale.invoice_date,
        po_number=sale.po_number,
    )
    try:
        with transaction.atomic():
            return record_event(event, charges=charges)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise SaleKeyTaken(key=key) from error


def _charge(line: SaleLine, *, number: int, usual_ledger_code: str) -> EventCharge:
    master, ledger_code = line.master_charge, line.ledger_code.strip()
    if master is None and not (
        line.description.strip() and line.tax_category and line.unit_price is not None
    ):
        raise TextSaysTooLittle(line=number)
    if master is not None and master.kind != Kind.SALE:
        raise NotForSale(line=number, code=master.code, kind=small(Kind(master.kind).label))
    if master is not None and ledger_code:
        raise LedgerCodeOfMaster(line=number, code=master.code)
    if master is None and not (ledger_code or usual_ledger_code):
        raise TextNeedsALedgerCode(line=number)
    return EventCharge(
        master_charge=master,
        ledger_code=(ledger_code or usual_ledger_code) if master is None else "",
        description=line.description,
        quantity=Decimal(1) if master is None and line.quantity is None else line.quantity,
        unit_price=line.unit_price,
        tax_category=line.tax_category,
    )


def _next_key() -> str:
    """Return an identifier that no event has."""
    while True:
        key = f"S-{actions.reserve_ids('billing_invoice_ids', count=1)}"
        if not BillableEvent.objects.filter(key=key).exists():
            return key


def _is_given_up(event: BillableEvent) -> bool:
    """Return whether *event* is a sale that nobody sees any more: all runs that drafted it were abandoned."""
    lines = InvoiceLine.objects.filter(event_charge__event=event)
    return event.is_invoice and not lines.exclude(invoice__run__status=RunStatus.ABANDONED).exists()


def _give_up_key(former: BillableEvent) -> None:
    """Keep a sale as it was, under another identifier, and charge it no more."""
    former.key, former.is_chargeable = _former_key(former.key), False
    change_events([former], fields=["key", "is_chargeable"])


def _former_key(key: str) -> str:
    """Return the identifier under which a sale is kept that gave up *key*."""
    candidates = (f"{key[:LONGEST_KEY]} ({number})" for number in count(1))
    return next(former for former in candidates if not BillableEvent.objects.filter(key=former).exists())


def _client_itself(customer: BillingCustomer) -> Client:
    """Return the site of *customer* that is called as its account, where it has one so; else its own client."""
    called_so = sites().filter(code=customer.account, customer=customer).first()
    return called_so or own_client(customer)


def _draft(event: BillableEvent, sale: Sale, *, by: User | None, now: datetime) -> Invoice:
    title = f"Sales invoice {event.key}"
    drafted = draft_sales([event.pk], invoice_date=sale.invoice_date, title=title, by=by, now=now)
    if not drafted.findings.is_empty():
        first = drafted.findings.row(0, named=True)
        raise SaleNotBilled(why=f"{first['message']} {first['remedy']}")
    draft = Invoice.objects.select_related("customer", "run").get(run=drafted.run)
    flag = flag_of(draft)
    if sale.queues is not None and sale.queues != flag.is_on and not flag.is_locked:
        if sale.queues:
            put_on_queue([draft.pk], by=by, now=now)
        else:
            release([draft.pk], reason=CHOSEN_BY_HAND, by=by, now=now)
    return draft


def draft_sales(
    event_ids: Sequence[int], *, invoice_date: date, title: str, by: User | None, now: datetime
) -> Drafted:
    """Store the drafts that bill sales, an invoice each, as a run in review, within the caller's transaction.

    What cannot be billed is in the findings, for the caller to refuse. Raises `BooksClosed`. What the sales say was
    stored in this transaction, so the drafts are dated in the trail no earlier, to be explained by it.
    """
    stored_at = max(now, moment_of_trail())
    check_books_open(invoice_date)
    selection = Selection(
        kinds=(EventKind.SALE.value,), grouping=Grouping.EVENT.value, events=tuple(sorted(event_ids))
    )
    shards = shards_of(selection, shard_charges=SHARD_CHARGES)
    run = actions.open_run(
        Run(
            title=title,
            selection=selection.to_json(),
            cutoff=invoice_date,
            invoice_date=invoice_date,
            generated_by=by,
            started_at=now,
        ),
        shards=[
            RunShard(
                number=shard.number,
                first_customer=shard.first_customer,
                last_customer=shard.last_customer,
                charges=shard.charges,
            )
            for shard in shards
        ],
    )
    terms, found = terms_of(run), []
    for shard in shards:
        billed = bill(load_shard(shard, selection=selection), terms=terms)
        _store(billed, run=run, shard=shard.number, now=stored_at)
        found.append(billed.findings)
    return Drafted(run=actions.finish_generating(run.pk, now=stored_at), findings=pl.concat(found))


def _store(billed: Billed, *, run: Run, shard: int, now: datetime) -> None:
    stored = store_billed(billed, run=run, shard=shard)
    actions.mark_shard_done(
        run_id=run.pk,
        shard=shard,
        now=now,
        first_invoice=stored.first_invoice,
        invoices=stored.invoices,
        lines=stored.lines,
        exceptions=stored.exceptions,
    )
