"""Why a line costs what it costs: its values and who set them, its days and share, the rounding, the tax (A8).

Plain values in, steps out, in the order the amount came about. A step names the rule it follows, so that an
accountant can read the one beside the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from counterfoil.core.comparing import day_in_words, days_in_words
from counterfoil.core.counting import counted, share_in_days
from counterfoil.core.money import (
    STEPS,
    Rounding,
    amount_of,
    format_minor,
    format_steps,
    format_unit_price,
    minor_digits,
)
from counterfoil.core.periods import DateRange

LEVEL_WORDS = {
    "assignment": "the charge itself",
    "customer": "the customer's override",
    "dealer": "the dealer's override",
    "master": "the master charge",
    "event": "the event itself",
}
ROUNDING_WORDS = {
    Rounding.HALF_AWAY: "rounded once, half away from zero",
    Rounding.HALF_EVEN: "rounded once, half to the even digit",
}
TAX_STATUS_WORDS = {
    "standard": "taxed as standard",
    "zero": "zero-rated",
    "exempt": "exempt",
    "reverse_charge": "reverse charge",
    "out_of_scope": "out of scope",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an explanation: what, how much, why, and the rule of billing-rules it follows ("3.1")."""

    topic: str
    label: str
    value: str
    why: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue:
    """One value of a charge as it was when the line was rated, and the *level* that set it.

    *level* None: it is not known any more, and *note* says why.
    """

    topic: str
    label: str
    value: str
    level: str | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPiece:
    """What of the same grid period was billed before, and on which document."""

    period: DateRange
    fraction: Fraction
    net_minor: int
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxUsed:
    """Which tax rate was taken and why. *valid_from* and *country* None: the rate is not among those known."""

    category: str
    rate_steps: int
    tax_point: date
    valid_from: date | None
    country: str | None
    customer_status: str
    seller_status: str
    includes_tax: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """The group of lines a line is taxed with: how many they are, their net and their tax (5.2)."""

    lines: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditSeen:
    """A credit of the line: on which document, of which day, its negative net, its reason if one was given."""

    document: str
    dated: date
    net_minor: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A line and everything its explanation is made from. *document* is None for a line of a preview."""

    kind: str
    currency: str
    period: DateRange
    grid: DateRange
    bill_date: date
    fraction: Fraction
    part_charging: str
    day_count: str
    quantity_steps: int
    unit_price_steps: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    rounding: Rounding
    tax: TaxUsed
    group: TaxGroup
    values: Sequence[SetValue] = ()
    earlier: Sequence[EarlierPiece] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    document: str | None = None
    run: str | None = None
    said: str | None = None
    refers_to: str | None = None
    credits: Sequence[CreditSeen] = ()

    def money(self, minor: int) -> str:
        """Return *minor* units with the currency's digits."""
        return format_minor(minor, self.currency)

    def share(self, fraction: Fraction) -> str:
        """Return *fraction* of the charge period as `17/31`."""
        return share_in_days(
            fraction, grid=self.grid, part_charging=self.part_charging, day_count=self.day_count
        )


def explain(line: Explained) -> list[Step]:
    """Return how *line* came to its net and its tax, step by step."""
    return [
        *_values(line),
        *_period(line),
        *_amount(line),
        *_discounts(line),
        *_tax(line),
        *_document(line),
    ]


def exact_in_words(value: Fraction, *, places: int) -> str:
    """Return *value* as a decimal: whole if six places hold it, else cut after *places* and an ellipsis."""
    scaled = value * STEPS
    if scaled.denominator == 1:
        steps = int(scaled)
        text = format_steps(steps)
        whole, _, decimals = text.partition(".")
        padded = decimals.ljust(max(places - 2, 0), "0")
        return f"{whole}.{padded}" if padded else whole
    cut = abs(value.numerator) * 10**places // value.denominator
    whole_part, rest = divmod(cut, 10**places)
    return f"{'-' if value < 0 else ''}{whole_part}.{rest:0{places}}…"


def _values(line: Explained) -> Iterator[Step]:
    for one in line.values:
        if one.level is None:
            why = f"which level set it is not known any more: {one.note}"
        else:
            why = f"from {LEVEL_WORDS.get(one.level, one.level)}{f', {one.note}' if one.note else ''}"
        yield Step(topic=one.topic, label=one.label, value=one.value, why=why, rule="4.1")


def _period(line: Explained) -> Iterator[Step]:
    if line.kind == "event":
        yield Step(
            topic="period", label="Occurred on", value=day_in_words(line.period.first_day), why=_event(line)
        )
        return
    yield Step(
        topic="period",
        label="Service period",
        value=days_in_words(line.period),
        why=f"of the charge period {days_in_words(line.grid)}; bill date {day_in_words(line.bill_date)}",
        rule="2.2, 2.3",
    )
    how = counted(
        period=line.period,
        grid=line.grid,
        fraction=line.fraction,
        part_charging=line.part_charging,
        day_count=line.day_count,
    )
    yield Step(topic="share", label="Share of the period", value=line.share(line.fraction), why=how, rule="3")


def _event(line: Explained) -> str:
    event = line.details.get("event")
    return f"of {event}, once" if event else "billed once"


def _amount(line: Explained) -> Iterator[Step]:
    if line.kind in ("adjustment", "credit", "waived"):
        yield _given(line)
        return
    if line.kind == "usage":
        yield from _usage(line)
        return
    yield Step(
        topic="amount",
        label="Amount with tax" if line.tax.includes_tax else "Amount",
        value=_product(line, line.fraction),
        why=ROUNDING_WORDS[line.rounding],
        rule="3.1",
    )
    if line.earlier:
        yield from _pieces(line)


def _given(line: Explained) -> Step:
    words = {"adjustment": "Adjustment", "credit": "Credit", "waived": "Waived"}
    rules = {"adjustment": "12.8", "credit": "6", "waived": "12.7"}
    about = f"of {line.refers_to}" if line.refers_to else ""
    if line.kind == "credit":
        about = f"{about}, at that line's own price, policy and tax".removeprefix(", ")
    why = "; ".join(text for text in (about, line.said) if text)
    return Step(
        topic="amount",
        label=words[line.kind],
        value=line.money(line.net_minor),
        why=why,
        rule=rules[line.kind],
    )


def _exact(line: Explained, share: Fraction) -> Fraction:
    """Return quantity × unit price × *share*, in whole units of the currency."""
    return Fraction(line.quantity_steps * line.unit_price_steps, STEPS * STEPS) * share


def _cost(line: Explained, share: Fraction) -> int:
    return amount_of(
        quantity_steps=line.quantity_steps,
        unit_price_steps=line.unit_price_steps,
        fraction=share,
        currency=line.currency,
        rounding=line.rounding,
    )


def _product(line: Explained, share: Fraction) -> str:
    """Return such as "30.00 × 1 × 17/31 = 16.4516… → 16.45"."""
    price = format_unit_price(line.unit_price_steps, line.currency)
    exact = exact_in_words(_exact(line, share), places=minor_digits(line.currency) + 2)
    rounded = line.money(_cost(line, share))
    shown = exact if exact == rounded else f"{exact} → {rounded}"
    return f"{price} × {format_steps(line.quantity_steps)} × {line.share(share)} = {shown}"


def _pieces(line: Explained) -> Iterator[Step]:
    """Yield what of the grid period was billed before, and what this piece adds to it."""
    for piece in line.earlier:
        yield Step(
            topic="earlier",
            label="Billed before of this period",
            value=line.money(piece.net_minor),
            why=f"{days_in_words(piece.period)}, share {line.share(piece.fraction)}, on {piece.document}",
            rule="3.4",
        )
    before = sum((piece.fraction for piece in line.earlier), start=Fraction(0))
    together = before + line.fraction
    adds = _cost(line, together) - _cost(line, before)
    yield Step(
        topic="pieces",
        label="What this part adds",
        value=line.money(adds),
        why=f"all parts together {_product(line, together)}, less the earlier ones {line.money(_cost(line, before))}",
        rule="3.4",
    )


def _usage(line: Explained) -> Iterator[Step]:
    said, unit = line.details, line.details.get("unit") or "units"
    for meter in said.get("meters", ()):
        yield Step(
            topic="meter", label=f"Meter {meter.get('key', '')}".strip(), value=_stands(meter), rule="4.4"
        )
    yield Step(
        topic="units",
        label="Units",
        value=f"{said.get('billed_units', format_steps(line.quantity_steps))} {unit}",
        why=f"{said.get('units', '')} counted, {said.get('free_units', '0')} of the period free"
        f"{', in part estimated' if said.get('estimated') else ''}",
        rule="4.4",
    )
    for tier in said.get("tiers", ()):
        fee = f" + {tier['fee']}" if tier.get("fee", "0") != "0" else ""
        yield Step(
            topic="tier",
            label=f"From {tier.get('from', '0')} {unit}",
            value=f"{tier.get('units', '')} × {tier.get('unit_price', '')}{fee} = {tier.get('amount', '')}",
            why=str(said.get("mode", "")),
            rule="4.4",
        )
    if "minimum" in said:
        applies = "not needed" if not said["minimum"].get("applies") else "it is more than the units come to"
        yield Step(
            topic="minimum",
            label="Minimum",
            value=str(said["minimum"].get("amount", "")),
            why=applies,
            rule="4.4",
        )
    if "earlier" in said:
        earlier = said["earlier"]
        yield Step(
            topic="earlier",
            label="Billed before of this period",
            value=f"{earlier.get('units', '')} {unit}",
            why=f"share {earlier.get('share', '')}",
            rule="3.4",
        )
    yield Step(
        topic="amount",
        label="Amount",
        value=line.money(line.net_minor + line.discount_minor),
        why=ROUNDING_WORDS[line.rounding],
        rule="4.4",
    )


def _stands(meter: Mapping[str, Any]) -> str:
    stands = [meter.get(edge) for edge in ("start", "end")]
    values = [str(stand.get("value", "")) if isinstance(stand, Mapping) else str(stand) for stand in stands]
    return " → ".join(values)


def _discounts(line: Explained) -> Iterator[Step]:
    for off in line.details.get("discounts", ()):
        percent = f"{off['percent']} %" if "percent" in off else "an amount"
        yield Step(
            topic="discount",
            label=str(off.get("name", "Discount")),
            value=line.money(-int(off.get("minor", 0))),
            why=f"{percent}, rounded separately",
            rule="4.5",
        )
    if line.discount_minor and "discounts" not in line.details:
        yield Step(topic="discount", label="Discount", value=line.money(-line.discount_minor), rule="4.5")


def _tax(line: Explained) -> Iterator[Step]:
    used, group = line.tax, line.group
    if used.includes_tax:
        yield Step(
            topic="net",
            label="Net",
            value=line.money(line.net_minor),
            why="its part of the group's net: the group's amounts with tax ÷ (1 + rate), rounded once",
            rule="5.4, 9",
        )
    else:
        yield Step(topic="net", label="Net", value=line.money(line.net_minor), rule="3.1")
    yield Step(
        topic="rate",
        label="Tax rate",
        value=f"{format_steps(used.rate_steps)} %",
        why=_why_this_rate(used),
        rule="5.1",
    )
    shared = "this line alone" if group.lines == 1 else f"{group.lines} lines of this category and rate"
    yield Step(
        topic="group",
        label="Tax of the group",
        value=line.money(group.tax_minor),
        why=f"{shared}: {_group(line)}",
        rule="5.4" if used.includes_tax else "5.2",
    )
    yield Step(
        topic="tax",
        label="Tax of this line",
        value=line.money(line.tax_minor),
        why="its part, so that the lines of the group add up to the group's tax",
        rule="5.3",
    )


def _group(line: Explained) -> str:
    net = Fraction(line.group.net_minor, 10 ** minor_digits(line.currency))
    rate = Fraction(line.tax.rate_steps, 100 * STEPS)
    if line.tax.includes_tax:
        gross = line.money(line.group.net_minor + line.group.tax_minor)
        return f"{gross} with tax, net {line.money(line.group.net_minor)}, the rest is tax"
    exact = exact_in_words(net * rate, places=minor_digits(line.currency) + 2)
    percent = f"{format_steps(line.tax.rate_steps)} %"
    return f"{line.money(line.group.net_minor)} × {percent} = {exact} → {line.money(line.group.tax_minor)}"


def _why_this_rate(used: TaxUsed) -> str:
    where = "not found among the rates stored now"
    if used.valid_from is not None:
        country = f"of {used.country}" if used.country else "for every country"
        where = f"the rate {country} valid from {day_in_words(used.valid_from)}"
    statuses = (("seller", used.seller_status), ("customer", used.customer_status))
    exempt = [f"the {who} is {TAX_STATUS_WORDS.get(how, how)}" for who, how in statuses if how != "standard"]
    status = " and ".join(exempt) or "seller and customer are taxed as standard"
    return f"{used.category}, {where}, at the tax point {day_in_words(used.tax_point)}; {status}"


def _document(line: Explained) -> Iterator[Step]:
    if line.document is not None:
        yield Step(topic="document", label="Document", value=line.document, why=line.run or "")
    for credit in line.credits:
        yield Step(
            topic="credit",
            label=f"Credited on {day_in_words(credit.dated)}",
            value=line.money(credit.net_minor),
            why=f"{credit.document}{f': {credit.reason}' if credit.reason else ''}",
            rule="6.4",
        )
    if line.credits:
        left = line.net_minor + sum(credit.net_minor for credit in line.credits)
        yield Step(topic="left", label="Left of the line", value=line.money(left), rule="6.4")
