"""Which level set each value of a line, from the audit trail as it stood when the line was rated (rule 4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q

from counterfoil.core.comparing import day_in_words
from counterfoil.core.explained import SetValue
from counterfoil.core.money import STEPS, format_steps, format_unit_price
from counterfoil.core.paying import CustomerMode
from counterfoil.core.sentences import sentence
from counterfoil.records.audit import as_of
from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.catalog.models import ChargeOverride, ChargePeriod, MasterCharge, TaxRate
from counterfoil.records.charges.models import Charge, EventCharge, PriceChange
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.parties.models import BillingCustomer, Client

TRAIL_TOO_SHORT = sentence("the audit trail does not reach back to when the line was rated")
CHANGED_MEANWHILE = sentence("it was changed while the run was under way")
RATED = ("charge", "usage", "event")


@dataclass(frozen=True, kw_only=True)
class Past:
    """The records that set the values of some lines, as they were at one moment; rows are events of the trail."""

    charges: Mapping[int, Any]
    event_charges: Mapping[int, Any]
    masters: Mapping[int, Any]
    customer_overrides: Mapping[int, Any]
    dealer_overrides: Mapping[tuple[int, int], Any]
    clients: Mapping[int, Any]
    periods: Mapping[int, Any]
    prices: Sequence[Any]
    tax_rates: Sequence[Any]
    customer_country: str
    customer_tax_status: str

    def values_of(self, line: InvoiceLine) -> list[SetValue]:
        """Return each value of *line* with the level that set it; none of credits and adjustments."""
        if line.kind not in RATED:
            return []
        chain = self._chain(line)
        if chain is None:
            return [_unknown(topic, label, value) for topic, label, value in _on_the_line(line)]
        return [
            _description(line, chain),
            self._unit_price(line, chain),
            *_quantity(line, chain),
            *self._charge_period(line, chain),
            _checked(
                "tax_category",
                sentence("Tax category"),
                chain,
                "tax_category_id",
                line.tax_category_id,
                shown=line.tax_category.name or line.tax_category.code,
            ),
        ]

    def tax_rate(self, line: InvoiceLine, *, tax_point: date, seller_country: str) -> Any | None:
        """Return the rate that was in force for *line*, None if none of then gives what the line has (5.1)."""
        country = self.customer_country or seller_country
        rates = [
            rate
            for rate in self.tax_rates
            if rate.category_id == line.tax_category_id and rate.valid_from <= tax_point
        ]
        for where in (country, ""):
            there = [rate for rate in rates if rate.country == where]
            if there:
                newest = max(there, key=lambda rate: rate.valid_from)
                return newest if line.tax_rate in (newest.rate, 0) else None
        return None

    def _chain(self, line: InvoiceLine) -> list[tuple[str, Any]] | None:
        """Return the levels of *line*, first that counts first; None where the trail does not know them."""
        own = self.charges.get(line.charge_id or 0) or self.event_charges.get(line.event_charge_id or 0)
        master = self.masters.get(own.master_charge_id) if own is not None else None
        if own is not None and own.master_charge_id is None:
            return [("event", own)]
        if own is None or master is None:
            return None
        client = self.clients.get(line.client_id)
        dealer = client.dealer_id if client is not None else None
        levels = [
            ("event" if line.event_charge_id else "assignment", own),
            ("customer", self.customer_overrides.get(own.master_charge_id)),
            ("dealer", self.dealer_overrides.get((own.master_charge_id, dealer or 0))),
            ("master", master),
        ]
        return [(level, source) for level, source in levels if source is not None]

    def _unit_price(self, line: InvoiceLine, chain: Sequence[tuple[str, Any]]) -> SetValue:
        shown = format_unit_price(int(line.unit_price * STEPS), line.invoice.currency)
        level = "event" if line.event_charge_id and line.price_level == "assignment" else line.price_level
        source = dict(chain).get(level)
        note = self._since(line, level=level, source=source) if source is not None else ""
        return SetValue(
            topic="unit_price",
            label=sentence("Unit price"),
            value=shown,
            level=level or None,
            note=note or _if_none(level),
        )

    def _since(self, line: InvoiceLine, *, level: str, source: Any) -> str:
        """Return since when the price has been in force, where the records say so (4.2)."""
        column = {"assignment": "charge_id", "master": "master_charge_id"}.get(level, "override_id")
        changes = [
            change
            for change in self.prices
            if getattr(change, column) == source.pgh_obj_id and change.valid_from <= line.period_start
        ]
        if changes:
            newest = max(changes, key=lambda change: change.valid_from)
            since = sentence(
                "{price} since {day}",
                price=_decimal(newest.unit_price),
                day=day_in_words(newest.valid_from),
            )
            return (
                since
                if newest.unit_price == line.unit_price
                else sentence("{since}, escalated since", since=since)
            )
        if source.unit_price is not None and source.unit_price != line.unit_price and line.kind == "charge":
            return sentence("escalated from {price}", price=_decimal(source.unit_price))
        return ""

    def _charge_period(self, line: InvoiceLine, chain: Sequence[tuple[str, Any]]) -> list[SetValue]:
        if line.event_charge_id:
            return []
        level, period_id = _first(chain, "charge_period_id")
        period = self.periods.get(period_id or 0)
        name = period.name if period is not None else sentence("not known any more")
        fits = period is not None and (not line.part_charging or line.part_charging == period.part_charging)
        return [
            SetValue(
                topic="charge_period",
                label=sentence("Charge period"),
                value=name,
                level=level if fits else None,
                note="" if fits else CHANGED_MEANWHILE,
            )
        ]


def past_of(lines: Sequence[InvoiceLine], *, moment: datetime) -> Past:
    """Return what set the values of *lines*, all of one invoice, as the records were at *moment*."""
    payer = lines[0].invoice.customer_id
    charges = _rows(Charge, (line.charge_id for line in lines), moment=moment)
    event_charges = _rows(EventCharge, (line.event_charge_id for line in lines), moment=moment)
    clients = _rows(Client, (line.client_id for line in lines), moment=moment)
    masters = {row.master_charge_id for row in (*charges.values(), *event_charges.values())}
    dealers = {client.dealer_id for client in clients.values()} - {None}
    organisation = _rows(Organisation, [1], moment=moment).get(1)
    of_whom = Q(dealer_id__in=dealers)
    # Customers have price lists in standard customer mode only (4.1).
    if organisation is None or organisation.customer_mode == CustomerMode.STANDARD:
        of_whom |= Q(customer_id=payer)
    overrides = _found(ChargeOverride, Q(master_charge_id__in=masters) & of_whom, moment=moment)
    sources = [*charges.values(), *overrides, *_rows(MasterCharge, masters, moment=moment).values()]
    priced = Q(charge_id__in=charges) | Q(master_charge_id__in=masters)
    priced |= Q(override_id__in=[one.pgh_obj_id for one in overrides])
    customer = _rows(BillingCustomer, [payer], moment=moment).get(payer)
    return Past(
        charges=charges,
        event_charges=event_charges,
        masters=_rows(MasterCharge, masters, moment=moment),
        customer_overrides={one.master_charge_id: one for one in overrides if one.customer_id == payer},
        dealer_overrides={(one.master_charge_id, one.dealer_id): one for one in overrides if one.dealer_id},
        clients=clients,
        periods=_rows(ChargePeriod, (one.charge_period_id for one in sources), moment=moment),
        prices=_found(PriceChange, priced, moment=moment),
        tax_rates=_found(TaxRate, Q(category_id__in={line.tax_category_id for line in lines}), moment=moment),
        customer_country=customer.country if customer is not None else "",
        customer_tax_status=customer.tax_status if customer is not None else "standard",
    )


def _rows(model: type[Model], ids: Iterable[int | None], *, moment: datetime) -> dict[int, Any]:
    """Return, by id, the rows of *model* as they were at *moment*, deleted ones left out."""
    wanted = {one for one in ids if one is not None}
    rows = as_of(model, wanted, moment=moment) if wanted else {}
    return {key: row for key, row in rows.items() if row.pgh_label != "delete"}  # type: ignore[attr-defined]


def _found(model: type[Model], condition: Q, *, moment: datetime) -> list[Any]:
    """Return the rows of *model* that met *condition* at *moment*; they may not exist any more."""
    events = model.pgh_event_model.objects.filter(condition, pgh_created_at__lte=moment)  # type: ignore[attr-defined]
    return list(_rows(model, events.values_list("pgh_obj_id", flat=True).distinct(), moment=moment).values())


def _on_the_line(line: InvoiceLine) -> list[tuple[str, str, str]]:
    price = format_unit_price(int(line.unit_price * STEPS), line.invoice.currency)
    return [
        ("description", sentence("Description"), line.description),
        ("unit_price", sentence("Unit price"), price),
        ("quantity", sentence("Quantity"), _decimal(line.quantity)),
        ("tax_category", sentence("Tax category"), line.tax_category.name or line.tax_category.code),
    ]


def _unknown(topic: str, label: str, value: str) -> SetValue:
    return SetValue(topic=topic, label=label, value=value, level=None, note=TRAIL_TOO_SHORT)


def _description(line: InvoiceLine, chain: Sequence[tuple[str, Any]]) -> SetValue:
    """Return who set the line's text; the master charge's own is its name."""
    level, text = _first(chain[:-1] or chain, "description")
    if level is None:
        level, text = chain[-1][0], chain[-1][1].name
    fits = bool(text) and line.description.startswith(str(text)[:100])
    return SetValue(
        topic="description",
        label=sentence("Description"),
        value=line.description,
        level=level if fits else None,
        note="" if fits else CHANGED_MEANWHILE,
    )


def _quantity(line: InvoiceLine, chain: Sequence[tuple[str, Any]]) -> list[SetValue]:
    """Return who set the quantity; that of usage is what the meters counted."""
    if line.kind == "usage":
        return []
    shown = _decimal(line.quantity)
    return [_checked("quantity", sentence("Quantity"), chain, "quantity", line.quantity, shown=shown)]


def _checked(
    topic: str, label: str, chain: Sequence[tuple[str, Any]], name: str, used: Any, *, shown: str
) -> SetValue:
    """Return who set *name*, not known where the first that sets it does not say what was *used*."""
    level, value = _first(chain, name)
    fits = level is not None and value == used
    return SetValue(
        topic=topic,
        label=label,
        value=shown,
        level=level if fits else None,
        note="" if fits else CHANGED_MEANWHILE,
    )


def _first(chain: Sequence[tuple[str, Any]], name: str) -> tuple[str | None, Any]:
    for level, source in chain:
        value = getattr(source, name, None)
        if value is not None and value != "":
            return level, value
    return None, None


def _if_none(level: str) -> str:
    return "" if level else TRAIL_TOO_SHORT


def _decimal(value: Any) -> str:
    return "–" if value is None else format_steps(int(value * STEPS))
