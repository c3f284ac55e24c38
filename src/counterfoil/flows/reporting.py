"""Printable reports on a client and on an event: what a person holds in hand who asks what was billed, and why (C4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from counterfoil.core.document import Address, Party
from counterfoil.core.money import STEPS
from counterfoil.core.periods import DateRange
from counterfoil.core.report import Cell, Count, Price, Report, ReportTable, Sum, Word
from counterfoil.documents.render import render_report
from counterfoil.engine.billing import bill
from counterfoil.flows.billing.documents import look_of, seller_of
from counterfoil.flows.billing.load import load_shard
from counterfoil.flows.billing.run import SHARD_CHARGES, Request, shards_of, terms_of_request
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.billing.models import InvoiceLine, RunStatus
from counterfoil.records.billing.queries import visible_invoices
from counterfoil.records.charges.meter_queries import readings_around
from counterfoil.records.charges.models import BillableEvent, EventCharge, Meter
from counterfoil.records.charges.price_queries import prices_in_force
from counterfoil.records.charges.queries import ChargeTerms, terms_of_charges
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import Client

MOST_CHARGES, MOST_EVENTS, MOST_LINES = 500, 100, 100


def report_on_client(client: Client, *, day: date, language: str = "") -> Report:
    """Return what is known of *client* on *day*: its charges, meters, events, what was billed, whom to speak to.

    Without *language* it is in the organisation's.
    """
    return replace(
        _report(client, kind="report_client", name=client.code, day=day, language=language),
        facts=(
            ("report_day", day),
            ("report_service", _service(client)),
            ("report_payer", str(client.customer.name) if client.customer else None),
            ("report_dealer", str(client.dealer.name) if client.dealer else None),
            ("report_branch", client.branch.name),
        ),
        tables=(
            _charges(client, day=day),
            _meters(client, day=day),
            _events(client),
            _billed(client),
            _contacts(client),
        ),
    )


def report_on_event(event: BillableEvent, *, day: date, language: str = "") -> Report:
    """Return what is known of *event* on *day*: what happened, its lines with what they come to, who is charged."""
    lines = list(event.charges.select_related("master_charge", "who_pays__payer").order_by("line_no"))
    charged = _charged(lines)
    payers = dict.fromkeys(one.who_pays.payer.name for one in lines if one.who_pays.payer)
    first = next(iter(charged.values()), None)
    return replace(
        _report(event.client, kind=f"report_{event.kind}", name=event.key, day=day, language=language),
        about=event.description,
        purchase_order=event.po_number,
        facts=(
            ("report_code", f"{event.client.code} · {event.client.name}"),
            ("report_occurred", event.occurred_on),
            ("report_to_be_billed", event.to_be_billed_on),
            ("report_state", Word(_state(event, is_charged=bool(charged)))),
            ("report_charged_by", _document_of(first) if first else None),
            ("report_payer", ", ".join(payers) or Word("report_nobody")),
            ("purchase_order", event.po_number),
        ),
        tables=(_lines(event, lines, charged=charged, day=day),),
    )


def printed_report(report: Report) -> bytes:
    """Return *report* as PDF in the look of now. Raises `DocumentNotPrinted`."""
    return render_report(report, look=look_of(the_organisation()))


def _report(client: Client, *, kind: str, name: str, day: date, language: str) -> Report:
    """Return a report about *client* that says nothing yet: whose it is, and to whom."""
    organisation = the_organisation()
    address = Address(
        lines=tuple(client.address.splitlines()),
        postcode=client.postcode,
        city=client.city,
        country=organisation.country,
    )
    return Report(
        kind=kind,
        name=name,
        day=day,
        seller=seller_of(organisation, branch=client.branch),
        buyer=Party(name=client.name, account=client.code, address=address),
        language=language or organisation.language,
        currency=organisation.currency,
    )


def _service(client: Client) -> Cell:
    if client.commissioned_on is None:
        return None
    return DateRange(client.commissioned_on, client.decommissioned_on)


def _charges(client: Client, *, day: date) -> ReportTable:
    rows = client.charges.order_by("key")
    found = terms_of_charges(rows[:MOST_CHARGES])
    prices = prices_in_force(found, on=day)
    listed = tuple(_charge(one, price_steps=prices[one.charge.pk].unit_price_steps) for one in found)
    return ReportTable(
        title="report_charges",
        columns=(
            "report_charge",
            "report_runs",
            "quantity",
            "unit_price",
            "report_charge_period",
            "report_payer",
        ),
        rows=listed,
        more=_rest(rows, len(listed)),
    )


def _charge(terms: ChargeTerms, *, price_steps: int | None) -> tuple[Cell, ...]:
    charge, quantity = terms.charge, terms.values["quantity"]
    is_by_tariff = charge.master_charge.tariff_id is not None
    price: Cell = None if price_steps is None else Price(price_steps, charge.master_charge.currency)
    return (
        f"{terms.description}\n{charge.key} · {charge.master_charge.code}",
        DateRange(charge.starts_on, charge.ends_before),
        None if quantity is None or is_by_tariff else Count(int(quantity * STEPS), charge.master_charge.unit),
        Word("report_by_tariff") if is_by_tariff else price,
        str(terms.values["charge_period"] or ""),
        terms.payer.name if terms.payer else Word("report_nobody"),
    )


def _meters(client: Client, *, day: date) -> ReportTable:
    related = "charge__master_charge__tariff"
    meters = list(Meter.objects.filter(charge__client=client).select_related(related).order_by("key"))
    around = readings_around(meters, day)
    rows: list[tuple[Cell, ...]] = []
    for meter in meters:
        known = around[meter.pk]
        newest, tariff = known.on_day or known.last, meter.charge.master_charge.tariff
        unit = tariff.unit if tariff else ""
        rows.append(
            (
                f"{meter.key} {meter.name}".rstrip(),
                newest.read_on if newest else None,
                Count(int(newest.value * STEPS), unit) if newest else None,
            )
        )
    columns = ("report_meter", "report_read_on", "report_reading")
    return ReportTable(title="report_meters", columns=columns, rows=tuple(rows))


def _events(client: Client) -> ReportTable:
    rows = BillableEvent.objects.filter(client=client, is_invoice=False).order_by("-occurred_on", "-pk")
    events = list(rows[:MOST_EVENTS])
    charges = EventCharge.objects.filter(event__in=events, charged__isnull=False)
    by_event = {one.event_id: one for one in charges}
    charged = _charged(by_event.values())
    listed: list[tuple[Cell, ...]] = []
    for event in events:
        line = charged.get(by_event[event.pk].pk) if event.pk in by_event else None
        listed.append(
            (
                f"{event.key}\n{event.description}".rstrip(),
                event.occurred_on,
                Word(_state(event, is_charged=line is not None)),
                _document_of(line) if line else None,
            )
        )
    return ReportTable(
        title="report_events",
        columns=("report_event", "report_occurred", "report_state", "report_invoice"),
        rows=tuple(listed),
        more=_rest(rows, len(listed)),
    )


def _billed(client: Client) -> ReportTable:
    live = visible_invoices().filter(exclusion__isnull=True, void__isnull=True)
    documents = live.exclude(run__status=RunStatus.VOIDED)
    rows = InvoiceLine.objects.filter(client=client, invoice__in=documents).order_by("-pk")
    lines = rows.select_related("invoice__number")[:MOST_LINES]
    listed: tuple[tuple[Cell, ...], ...] = tuple(
        (
            line.description,
            DateRange(line.period_start, line.period_end),
            _document_of(line),
            Sum(line.net_minor, line.invoice.currency),
        )
        for line in lines
    )
    return ReportTable(
        title="report_billed",
        columns=("description", "period", "report_invoice", "net"),
        rows=listed,
        more=_rest(rows, len(listed)),
    )


def _contacts(client: Client) -> ReportTable:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"{one.name}\n{one.function}".rstrip(), one.phone, one.email) for one in client.contacts.all()
    )
    columns = ("report_contact", "report_phone", "report_email")
    return ReportTable(title="report_contacts", columns=columns, rows=rows)


def _lines(
    event: BillableEvent, charges: Sequence[EventCharge], *, charged: dict[int, InvoiceLine], day: date
) -> ReportTable:
    computed = {} if charged else _would_bill(event, day=day)
    rows: list[tuple[Cell, ...]] = []
    for one in charges:
        master = one.master_charge
        code, unit = (master.code, master.unit) if master else ("", "")
        amounts = _amounts_stored(charged[one.pk]) if one.pk in charged else computed.get(one.pk)
        name = one.description or (master.name if master else "")
        quantity, price, net = amounts or (None, None, None)
        told = None if quantity is None else Count(quantity, unit)
        rows.append((f"{name}\n{code}".rstrip(), told, price, net))
    columns = ("description", "quantity", "unit_price", "net")
    return ReportTable(title="report_lines", columns=columns, rows=tuple(rows))


Amounts = tuple[int, Price, Sum]


def _amounts_stored(line: InvoiceLine) -> Amounts:
    currency = line.invoice.currency
    quantity, price = int(line.quantity * STEPS), int(line.unit_price * STEPS)
    return quantity, Price(price, currency), Sum(line.net_minor, currency)


def _would_bill(event: BillableEvent, *, day: date) -> dict[int, Amounts]:
    """Return what a run would bill of each charge of *event*, by the stages of a run; nothing is stored."""
    if event.to_be_billed_on is None or not event.is_chargeable:
        return {}
    cutoff = max(event.to_be_billed_on, day)
    selection = Selection(kinds=(event.kind,), events=(event.pk,))
    request = Request(title=event.key, selection=selection, cutoff=cutoff, invoice_date=cutoff)
    found: dict[int, Amounts] = {}
    for shard in shards_of(selection, shard_charges=SHARD_CHARGES):
        billed = bill(load_shard(shard, selection=selection), terms=terms_of_request(request))
        currencies: dict[Any, str] = dict(billed.invoices.select("invoice_no", "currency").iter_rows())
        wanted = ("event_charge_id", "invoice_no", "quantity", "unit_price", "net_minor")
        for charge, number, quantity, price, net in billed.lines.select(*wanted).iter_rows():
            currency = currencies[number]
            found[charge] = (quantity, Price(price, currency), Sum(net, currency))
    return found


def _charged(charges: Iterable[EventCharge]) -> dict[int, InvoiceLine]:
    """Return the line that charged each of *charges*, by the charge's id, where one has."""
    lines = InvoiceLine.objects.filter(event_charge__in=list(charges), event_charge__charged__isnull=False)
    related = ("invoice__number", "event_charge__charged")
    return {
        int(line.event_charge_id or 0): line
        for line in lines.select_related(*related)
        if line.event_charge is not None and line.event_charge.charged.line_id == line.pk
    }


def _state(event: BillableEvent, *, is_charged: bool) -> str:
    if is_charged:
        return "report_charged"
    if not event.is_chargeable:
        return "report_not_chargeable"
    return "report_waits" if event.to_be_billed_on else "report_no_day"


def _document_of(line: InvoiceLine) -> Cell:
    """Return the number of the document that a line stands on; a draft has none."""
    return str(line.invoice.number.number) if hasattr(line.invoice, "number") else Word("report_draft")


def _rest(rows: QuerySet[Any], listed: int) -> int:
    return rows.count() - listed if listed else 0
