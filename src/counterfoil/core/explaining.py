"""Why a line costs what it costs: its values and who set them, its days and share, the rounding, the tax (A8).

Plain values in, steps out, in the order the amount came about. A step names the rule it follows, so that an
accountant can read the one beside the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from counterfoil.core.comparing import day_in_words, days_in_words
from counterfoil.core.counting import counted
from counterfoil.core.explained import Explained, Step, TaxUsed
from counterfoil.core.money import (
    STEPS,
    Rounding,
    amount_of,
    format_steps,
    format_unit_price,
    minor_digits,
)
from counterfoil.core.sentences import joined, sentence

LEVEL_WORDS = {
    "assignment": sentence("the charge itself"),
    "customer": sentence("the customer's override"),
    "dealer": sentence("the dealer's override"),
    "master": sentence("the master charge"),
    "event": sentence("the event itself"),
}
ROUNDING_WORDS = {
    Rounding.HALF_AWAY: sentence("rounded once, half away from zero"),
    Rounding.HALF_EVEN: sentence("rounded once, half to the even digit"),
}
TAX_STATUS_WORDS = {
    "standard": sentence("taxed as standard"),
    "zero": sentence("zero-rated"),
    "exempt": sentence("exempt"),
    "reverse_charge": sentence("reverse charge"),
    "out_of_scope": sentence("out of scope"),
}


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
            why = sentence("which level set it is not known any more: {note}", note=one.note)
        else:
            level = LEVEL_WORDS.get(one.level, one.level)
            why = (
                sentence("from {level}, {note}", level=level, note=one.note)
                if one.note
                else sentence("from {level}", level=level)
            )
        yield Step(topic=one.topic, label=one.label, value=one.value, why=why, rule="4.1")


def _period(line: Explained) -> Iterator[Step]:
    if line.kind == "event":
        yield Step(
            topic="period",
            label=sentence("Occurred on"),
            value=day_in_words(line.period.first_day),
            why=_event(line),
        )
        return
    yield Step(
        topic="period",
        label=sentence("Service period"),
        value=days_in_words(line.period),
        why=sentence(
            "of the charge period {days}; bill date {day}",
            days=days_in_words(line.grid),
            day=day_in_words(line.bill_date),
        ),
        rule="2.2, 2.3",
    )
    how = counted(
        period=line.period,
        grid=line.grid,
        fraction=line.fraction,
        part_charging=line.part_charging,
        day_count=line.day_count,
    )
    yield Step(
        topic="share",
        label=sentence("Share of the period"),
        value=line.share(line.fraction),
        why=how,
        rule="3",
    )


def _event(line: Explained) -> str:
    event = line.details.get("event")
    return sentence("of {event}, once", event=event) if event else sentence("billed once")


def _amount(line: Explained) -> Iterator[Step]:
    if line.kind in ("adjustment", "credit", "waived"):
        yield _given(line)
        return
    if line.kind == "usage":
        yield from _usage(line)
        return
    yield Step(
        topic="amount",
        label=sentence("Amount with tax") if line.tax.includes_tax else sentence("Amount"),
        value=_product(line, line.fraction),
        why=ROUNDING_WORDS[line.rounding],
        rule="3.1",
    )
    if line.earlier:
        yield from _pieces(line)


def _given(line: Explained) -> Step:
    words = {"adjustment": sentence("Adjustment"), "credit": sentence("Credit"), "waived": sentence("Waived")}
    rules = {"adjustment": "12.8", "credit": "6", "waived": "12.7"}
    about = sentence("of {refers_to}", refers_to=line.refers_to) if line.refers_to else ""
    if line.kind == "credit":
        about = (
            sentence("of {refers_to}, at that line's own price, policy and tax", refers_to=line.refers_to)
            if line.refers_to
            else sentence("at that line's own price, policy and tax")
        )
    why = joined((text for text in (about, line.said) if text), "; ")
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
            label=sentence("Billed before of this period"),
            value=line.money(piece.net_minor),
            why=sentence(
                "{days}, share {fraction}, on {document}",
                days=days_in_words(piece.period),
                fraction=line.share(piece.fraction),
                document=piece.document,
            ),
            rule="3.4",
        )
    before = sum((piece.fraction for piece in line.earlier), start=Fraction(0))
    together = before + line.fraction
    adds = _cost(line, together) - _cost(line, before)
    yield Step(
        topic="pieces",
        label=sentence("What this part adds"),
        value=line.money(adds),
        why=sentence(
            "all parts together {product}, less the earlier ones {money}",
            product=_product(line, together),
            money=line.money(_cost(line, before)),
        ),
        rule="3.4",
    )


def _usage(line: Explained) -> Iterator[Step]:
    said, unit = line.details, line.details.get("unit") or sentence("units")
    for meter in said.get("meters", ()):
        yield Step(
            topic="meter",
            label=sentence("Meter {key}", key=meter["key"]) if meter.get("key") else sentence("Meter"),
            value=_stands(meter),
            rule="4.4",
        )
    yield Step(
        topic="units",
        label=sentence("Units"),
        value=sentence(
            "{count} {unit}", count=said.get("billed_units", format_steps(line.quantity_steps)), unit=unit
        ),
        why=_counted(said),
        rule="4.4",
    )
    for tier in said.get("tiers", ()):
        fee = f" + {tier['fee']}" if tier.get("fee", "0") != "0" else ""
        yield Step(
            topic="tier",
            label=sentence("From {start} {unit}", start=tier.get("from", "0"), unit=unit),
            value=f"{tier.get('units', '')} × {tier.get('unit_price', '')}{fee} = {tier.get('amount', '')}",
            why=str(said.get("mode", "")),
            rule="4.4",
        )
    if "minimum" in said:
        applies = (
            sentence("not needed")
            if not said["minimum"].get("applies")
            else sentence("it is more than the units come to")
        )
        yield Step(
            topic="minimum",
            label=sentence("Minimum"),
            value=str(said["minimum"].get("amount", "")),
            why=applies,
            rule="4.4",
        )
    if "earlier" in said:
        earlier = said["earlier"]
        yield Step(
            topic="earlier",
            label=sentence("Billed before of this period"),
            value=sentence("{count} {unit}", count=earlier.get("units", ""), unit=unit),
            why=sentence("share {share}", share=earlier.get("share", "")),
            rule="3.4",
        )
    yield Step(
        topic="amount",
        label=sentence("Amount"),
        value=line.money(line.net_minor + line.discount_minor),
        why=ROUNDING_WORDS[line.rounding],
        rule="4.4",
    )


def _counted(said: Mapping[str, Any]) -> str:
    fields = {"units": said.get("units", ""), "free": said.get("free_units", "0")}
    if said.get("estimated"):
        return sentence("{units} counted, {free} of the period free, in part estimated", **fields)
    return sentence("{units} counted, {free} of the period free", **fields)


def _stands(meter: Mapping[str, Any]) -> str:
    stands = [meter.get(edge) for edge in ("start", "end")]
    values = [str(stand.get("value", "")) if isinstance(stand, Mapping) else str(stand) for stand in stands]
    return " → ".join(values)


def _discounts(line: Explained) -> Iterator[Step]:
    for off in line.details.get("discounts", ()):
        percent = f"{off['percent']} %" if "percent" in off else sentence("an amount")
        yield Step(
            topic="discount",
            label=str(off.get("name", "Discount")),
            value=line.money(-int(off.get("minor", 0))),
            why=sentence("{percent}, rounded separately", percent=percent),
            rule="4.5",
        )
    if line.discount_minor and "discounts" not in line.details:
        yield Step(
            topic="discount", label=sentence("Discount"), value=line.money(-line.discount_minor), rule="4.5"
        )


def _tax(line: Explained) -> Iterator[Step]:
    used, group = line.tax, line.group
    if used.includes_tax:
        yield Step(
            topic="net",
            label=sentence("Net"),
            value=line.money(line.net_minor),
            why=sentence(
                "its part of the group's net: the group's amounts with tax ÷ (1 + rate), rounded once"
            ),
            rule="5.4, 9",
        )
    else:
        yield Step(topic="net", label=sentence("Net"), value=line.money(line.net_minor), rule="3.1")
    yield Step(
        topic="rate",
        label=sentence("Tax rate"),
        value=f"{format_steps(used.rate_steps)} %",
        why=_why_this_rate(used),
        rule="5.1",
    )
    shared = (
        sentence("this line alone")
        if group.lines == 1
        else sentence("{lines} lines of this category and rate", lines=group.lines)
    )
    yield Step(
        topic="group",
        label=sentence("Tax of the group"),
        value=line.money(group.tax_minor),
        why=joined((shared, _group(line)), ": "),
        rule="5.4" if used.includes_tax else "5.2",
    )
    yield Step(
        topic="tax",
        label=sentence("Tax of this line"),
        value=line.money(line.tax_minor),
        why=sentence("its part, so that the lines of the group add up to the group's tax"),
        rule="5.3",
    )


def _group(line: Explained) -> str:
    net = Fraction(line.group.net_minor, 10 ** minor_digits(line.currency))
    rate = Fraction(line.tax.rate_steps, 100 * STEPS)
    if line.tax.includes_tax:
        gross = line.money(line.group.net_minor + line.group.tax_minor)
        return sentence(
            "{gross} with tax, net {money}, the rest is tax",
            gross=gross,
            money=line.money(line.group.net_minor),
        )
    exact = exact_in_words(net * rate, places=minor_digits(line.currency) + 2)
    percent = f"{format_steps(line.tax.rate_steps)} %"
    return f"{line.money(line.group.net_minor)} × {percent} = {exact} → {line.money(line.group.tax_minor)}"


def _why_this_rate(used: TaxUsed) -> str:
    where = sentence("not found among the rates stored now")
    if used.valid_from is not None:
        country = (
            sentence("of {country}", country=used.country) if used.country else sentence("for every country")
        )
        where = sentence(
            "the rate {country} valid from {day}",
            country=country,
            day=day_in_words(used.valid_from),
        )
    seller = TAX_STATUS_WORDS.get(used.seller_status, used.seller_status)
    customer = TAX_STATUS_WORDS.get(used.customer_status, used.customer_status)
    exempt = [
        *([sentence("the seller is {status}", status=seller)] if used.seller_status != "standard" else []),
        *(
            [sentence("the customer is {status}", status=customer)]
            if used.customer_status != "standard"
            else []
        ),
    ]
    status = sentence("seller and customer are taxed as standard")
    if exempt:
        status = sentence("{one} and {other}", one=exempt[0], other=exempt[1]) if exempt[1:] else exempt[0]
    return sentence(
        "{category}, {where}, at the tax point {day}; {status}",
        category=used.category,
        where=where,
        day=day_in_words(used.tax_point),
        status=status,
    )


def _document(line: Explained) -> Iterator[Step]:
    if line.document is not None:
        yield Step(topic="document", label=sentence("Document"), value=line.document, why=line.run or "")
    for credit in line.credits:
        yield Step(
            topic="credit",
            label=sentence("Credited on {day}", day=day_in_words(credit.dated)),
            value=line.money(credit.net_minor),
            why=joined((text for text in (credit.document, credit.reason) if text), ": "),
            rule="6.4",
        )
    if line.credits:
        left = line.net_minor + sum(credit.net_minor for credit in line.credits)
        yield Step(topic="left", label=sentence("Left of the line"), value=line.money(left), rule="6.4")
