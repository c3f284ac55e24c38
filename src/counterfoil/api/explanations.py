"""Why lines cost what they cost, and what charges will bill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen, seen_invoices
from counterfoil.api.shapes import DecimalText, Id
from counterfoil.clock import today
from counterfoil.core.money import format_steps, format_unit_price
from counterfoil.flows.explaining import Explanation, explain_lines
from counterfoil.flows.forecasting import ChargeForecast, forecast_charges
from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import Client

of_invoices, of_charges, of_clients = (
    Router(tags=["invoices"]),
    Router(tags=["charges"]),
    Router(tags=["clients"]),
)
SEES_INVOICES = Need("invoices:read")
SEES_CHARGES = Need("charges:read")
MOST_CHARGES = 200


class StepShape(Schema):
    """One step: what (`topic` for programs, `label` for people), how much, why, by which billing rule."""

    topic: str
    label: str
    value: str
    why: str
    rule: str


class ExplanationShape(Schema):
    """How a line came to its net and tax, in the order it came about."""

    line_no: int
    description: str
    currency: str
    net: DecimalText
    steps: list[StepShape]


class ExplanationsShape(Schema):
    """The explanations of all lines of an invoice."""

    lines: list[ExplanationShape]


class LineToCome(Schema):
    """One line that will be billed on `bill_date`, for the days [`period_start`, `period_end`)."""

    period_start: date
    period_end: date
    bill_date: date
    fraction: str
    quantity: DecimalText
    unit_price: DecimalText
    net: DecimalText


class MonthShape(Schema):
    """What is billed in the month that begins on `month`, net."""

    month: date
    net: DecimalText


class ForecastShape(Schema):
    """What a charge bills in twelve months. `findings` say why it cannot be billed; `next_bill_date` may be past."""

    charge: str
    currency: str | None
    next_bill_date: date | None
    next_net: DecimalText
    months: list[MonthShape]
    total: DecimalText
    lines: list[LineToCome]
    findings: list[str]


class ForecastsShape(Schema):
    """The forecasts of a client's charges, the first 200 by their keys."""

    charges: list[ForecastShape]


@reads(of_invoices, "/{invoice_id}/lines/{line_no}/explanation", need=SEES_INVOICES, answer=ExplanationShape)
def explain_invoice_line(request: HttpRequest, invoice_id: Path[Id], line_no: Path[Id]) -> ExplanationShape:
    """Return why one line costs what it costs, as its values were when it was rated."""
    invoice = get_object_or_404(seen_invoices(request), pk=invoice_id)
    get_object_or_404(InvoiceLine, invoice_id=invoice.pk, line_no=line_no)
    return explanation_shape(explain_lines(invoice, line_no=line_no)[0])


@reads(of_invoices, "/{invoice_id}/explanation", need=SEES_INVOICES, answer=ExplanationsShape)
def explain_invoice(request: HttpRequest, invoice_id: Path[Id]) -> ExplanationsShape:
    """Return why each line of an invoice costs what it costs."""
    invoice = get_object_or_404(seen_invoices(request), pk=invoice_id)
    return ExplanationsShape(lines=[explanation_shape(one) for one in explain_lines(invoice)])


@reads(of_charges, "/{charge_id}/forecast", need=SEES_CHARGES, answer=ForecastShape)
def forecast_charge(request: HttpRequest, charge_id: Path[Id]) -> ForecastShape:
    """Return what a charge bills in the next twelve months; nothing is stored."""
    charges = seen(Charge.objects.all(), request=request, path="client__branch")
    charge = get_object_or_404(charges, pk=charge_id)
    found = forecast_charges([charge], today=_today())
    return _forecast_shape(found.charges[0], months=found.months)


@reads(of_clients, "/{client_id}/forecast", need=SEES_CHARGES, answer=ForecastsShape)
def forecast_client(request: HttpRequest, client_id: Path[Id]) -> ForecastsShape:
    """Return what the charges of a client bill in the next twelve months; nothing is stored."""
    client = get_object_or_404(seen(Client.objects.all(), request=request), pk=client_id)
    found = forecast_charges(client.charges.order_by("key")[:MOST_CHARGES], today=_today())
    return ForecastsShape(charges=[_forecast_shape(one, months=found.months) for one in found.charges])


def explanation_shape(found: Explanation) -> ExplanationShape:
    """Return *found* as the API shows it."""
    return ExplanationShape(
        line_no=found.line_no,
        description=found.description,
        currency=found.currency,
        net=found.net,
        steps=[
            StepShape(topic=step.topic, label=step.label, value=step.value, why=step.why, rule=step.rule)
            for step in found.steps
        ],
    )


def _today() -> date:
    return today(the_organisation().timezone)


def _forecast_shape(one: ChargeForecast, *, months: Sequence[date]) -> ForecastShape:
    return ForecastShape(
        charge=one.charge.key,
        currency=one.currency or None,
        next_bill_date=one.next_bill_date,
        next_net=one.money(one.next_minor),
        months=[
            MonthShape(month=month, net=one.money(net)) for month, net in zip(months, one.months, strict=True)
        ],
        total=one.money(one.total_minor),
        lines=[
            LineToCome(
                period_start=line.period_start,
                period_end=line.period_end,
                bill_date=line.bill_date,
                fraction=str(Fraction(line.fraction_num, line.fraction_den)),
                quantity=format_steps(line.quantity),
                unit_price=format_unit_price(line.unit_price, one.currency),
                net=one.money(line.net_minor),
            )
            for line in one.lines
        ],
        findings=list(one.findings),
    )
