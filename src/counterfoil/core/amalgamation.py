"""Many lines as few formal ones: one for each tax category and rate, quantity 1 at the sum of the nets (C11).

What another system and the law see are the formal lines; the breakdown goes with the document, and revenue and
credits use it.
"""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.core.document import DocumentLine
from counterfoil.core.money import STEPS, minor_digits
from counterfoil.core.periods import DateRange


def amalgamated(
    lines: Sequence[DocumentLine], *, description: str, currency: str
) -> tuple[DocumentLine, ...]:
    """Return one line for each tax category and rate of *lines*, in order of first appearance.

    Its net and tax are the sums, its price the net, its period from the first day to the last. What all its lines
    share (client, charge, ledger code) it says too; *description* is what it is called.
    """
    groups: dict[tuple[str, int], list[DocumentLine]] = {}
    for line in lines:
        groups.setdefault((line.tax_category, line.tax_rate_steps), []).append(line)
    return tuple(
        _formal(members, line_no=line_no, description=description, currency=currency)
        for line_no, members in enumerate(groups.values(), start=1)
    )


def service_period(lines: Sequence[DocumentLine]) -> DateRange | None:
    """Return the range from the first day to the last of all the lines' periods; None if no line has one."""
    periods = [line.period for line in lines if line.period is not None]
    if not periods:
        return None
    ends = [period.end for period in periods if period.end is not None]
    return DateRange(min(period.first_day for period in periods), max(ends))


def _formal(lines: Sequence[DocumentLine], *, line_no: int, description: str, currency: str) -> DocumentLine:
    first, net_minor = lines[0], sum(line.net_minor for line in lines)
    return DocumentLine(
        line_no=line_no,
        charge_code=_common([line.charge_code for line in lines]),
        ledger_code=_common([line.ledger_code for line in lines]),
        description=description,
        client=_common([line.client for line in lines]),
        client_name=_common([line.client_name for line in lines]),
        period=service_period(lines),
        quantity_steps=STEPS,
        unit_price_steps=net_minor * STEPS // 10 ** minor_digits(currency),
        net_minor=net_minor,
        tax_minor=sum(line.tax_minor for line in lines),
        tax_category=first.tax_category,
        tax_rate_steps=first.tax_rate_steps,
    )


def _common(values: Sequence[str]) -> str:
    """Return the value that all have, else nothing."""
    return values[0] if len(set(values)) == 1 else ""
