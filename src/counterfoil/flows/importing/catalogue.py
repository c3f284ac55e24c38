"""The files of what can be charged and how it is taxed: tax-rates, master-charges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from counterfoil.core.money import LARGEST_QUANTITY_STEPS, LARGEST_UNIT_PRICE_STEPS, PERCENT_STEPS, STEPS
from counterfoil.core.paying import PaidBy
from counterfoil.core.periods import ONE_DAY
from counterfoil.flows.importing import period_lookup, periods
from counterfoil.flows.importing.columns import (
    Column,
    Gathered,
    Installation,
    Kind,
    Prepared,
    Reference,
    StoredCheck,
)
from counterfoil.flows.importing.parties import KEY, own_currency
from counterfoil.flows.importing.report import MOST_PROBLEMS_KEPT, KindCount, RowProblem
from counterfoil.flows.importing.values import (
    COUNTRY,
    CURRENCY,
    DAY,
    YES_NO,
    choice,
    choices,
    decimal,
    key,
    percentage,
    text,
)
from counterfoil.flows.using import wrong_use
from counterfoil.records.catalog import actions
from counterfoil.records.catalog.models import Kind as KindOfCharge
from counterfoil.records.catalog.models import MasterCharge, Place, RevenueMethod, TaxRate

MASTER_CHARGE = Reference(
    words="master charge", table="catalog_mastercharge", key="code", kind="master-charges"
)
TAX_CATEGORY = Reference(words="tax category", table="catalog_taxcategory", key="code", kind="tax-rates")
ESCALATION = Reference(words="escalation", table="catalog_escalation", key="name", kind="escalations")
TARIFF = Reference(words="tariff", table="catalog_tariff", key="name", kind="tariffs")

PRICE = decimal(
    largest_steps=LARGEST_UNIT_PRICE_STEPS,
    expected="a decimal such as 12.50, with at most 6 places, up to 1000000000000",
)
QUANTITY = decimal(
    largest_steps=LARGEST_QUANTITY_STEPS,
    expected="a decimal such as 2 or 0.5, with at most 6 places, up to 1000000000",
)
COST = decimal(
    smallest_steps=0,
    largest_steps=LARGEST_UNIT_PRICE_STEPS,
    expected="a decimal such as 7.25, at least 0, with at most 6 places, up to 1000000000000",
)
PLACES = choices(Place)


def last_day_of(ends_before: date | None) -> date | None:
    """Return the last day of what ends before a day; None: it is open."""
    return None if ends_before is None else ends_before - ONE_DAY


def use_check(*, on: str, day: str, event: str = "") -> StoredCheck:
    """Return the check that the master charge of a row that is new, or has another one, may be used there and then.

    *on* and *day* are SQL over `row`, `was`, and the row's `event` where its id is the SQL *event*.
    """
    at = f"JOIN charges_billableevent AS event ON event.id = {event}" if event else ""
    return StoredCheck(
        column="code",
        fails=f"""row.uses_anew AND EXISTS (
            SELECT FROM catalog_mastercharge AS master {at}
            WHERE master.id = row.master_charge_id AND {wrong_use(on=on, day=day)})""",
        problem="The master charge is not for this, or not active on that day.",
        remedy="Use another code or day, or let the master charge be used: usable_on, active_from, active_until.",
    )


def escalation() -> Column:
    """Return the column that names how the price grows, or nothing (billing-rules 4.3)."""
    return Column(
        name="escalation",
        holds=key(120),
        field="escalation_id",
        refers_to=ESCALATION,
        paths=("escalation__name",),
    )


def tax_category() -> Column:
    """Return the column that names a tax category, or none."""
    return Column(
        name="tax_category",
        holds=key(40),
        field="tax_category_id",
        refers_to=TAX_CATEGORY,
        paths=("tax_category__code",),
    )


_TWO_NAMES = """
SELECT row.row_no, row.name, named.name, named.row_no, count(*) OVER ()
FROM {rows} AS row
JOIN (SELECT DISTINCT ON (category) category, name, row_no FROM {rows} WHERE name <> ''
      ORDER BY category, row_no) AS named USING (category)
WHERE row.name <> '' AND row.name <> named.name
ORDER BY row.row_no LIMIT {most}
"""

# A category's name is that of any row that gives one; else it keeps its name, or is named like its code.
_CATEGORIES = """
CREATE TEMPORARY TABLE {rows}_categories ON COMMIT DROP AS
SELECT min(row.row_no) AS row_no, target.id, row.category AS code,
       COALESCE(NULLIF(max(row.name), ''), target.name, row.category) AS name
FROM {rows} AS row LEFT JOIN catalog_taxcategory AS target ON target.code = row.category
GROUP BY target.id, row.category, target.name
"""


def prepare_tax_rates(rows: str, _given: Sequence[str], _installation: Installation) -> Prepared:
    """Create or rename the tax categories that the tax rates in *rows* belong to."""
    with connection.cursor() as cursor:
        cursor.execute(_TWO_NAMES.format(rows=rows, most=MOST_PROBLEMS_KEPT))
        found = cursor.fetchall()
        cursor.execute(_CATEGORIES.format(rows=rows))
        cursor.execute(f"SELECT count(*) FROM {rows}_categories")  # noqa: S608
        count = cursor.fetchone()[0]
    problems = [
        RowProblem(
            kind="tax-rates",
            row=row,
            column="name",
            value=name,
            message=f"The tax category is named {first_name!r} in row {first_row}.",
            remedy="Give a tax category one name, or name it in one row only.",
        )
        for row, name, first_name, first_row, _ in found
    ]
    stored = actions.store_tax_categories(rows=f"{rows}_categories")
    counted = KindCount(kind="tax-categories", rows=count, created=stored.created, changed=stored.changed)
    return problems, found[0][4] if found else 0, [counted]


TAX_RATES = Kind(
    name="tax-rates",
    words="tax rate",
    model=TaxRate,
    key=("category", "country", "valid_from"),
    store=actions.store_tax_rates,
    columns=(
        Column(
            name="category",
            holds=key(40),
            field="category_id",
            required=True,
            refers_to=TAX_CATEGORY,
            paths=("category__code",),
        ),
        Column(name="rate", holds=percentage(largest_steps=PERCENT_STEPS), field="rate", required=True),
        Column(name="valid_from", holds=DAY, field="valid_from", required=True),
        Column(name="name", holds=text(100), default="", paths=("category__name",)),
        Column(name="country", holds=COUNTRY, field="country", default=""),
    ),
    also_staged=("name",),
    prepare=prepare_tax_rates,
)

MASTER_CHARGES = Kind(
    name="master-charges",
    words="master charge",
    model=MasterCharge,
    key=("code",),
    store=actions.store_master_charges,
    columns=(
        Column(name="code", holds=KEY, field="code", required=True),
        Column(name="name", holds=text(200), field="name", required=True),
        Column(name="kind", holds=choice(KindOfCharge), field="kind", required=True),
        Column(name="unit_price", holds=PRICE, field="unit_price", required=True, may_be_empty=True),
        Column(name="ledger_code", holds=text(64), field="ledger_code", default=""),
        Column(name="currency", holds=CURRENCY, field="currency", default=own_currency),
        Column(name="quantity", holds=QUANTITY, field="quantity", default=STEPS),
        Column(name="unit", holds=text(40), field="unit", default=""),
        tax_category(),
        escalation(),
        Column(
            name="tariff",
            holds=key(120),
            field="tariff_id",
            refers_to=TARIFF,
            paths=("tariff__name",),
        ),
        *periods.MASTER_COLUMNS,
        Column(name="paid_by", holds=choice(PaidBy), field="paid_by", default=PaidBy.DIRECT.value),
        Column(name="while_commissioned", holds=YES_NO, field="while_commissioned", default=False),
        Column(name="price_includes_tax", holds=YES_NO, field="price_includes_tax", default=False),
        Column(name="assignable", holds=YES_NO, field="assignable", default=True),
        Column(name="active", holds=YES_NO, field="is_active", default=True),
        Column(name="usable_on", holds=PLACES, default="[]", paths=("usable_on",)),
        Column(name="active_from", holds=DAY, field="active_start"),
        Column(name="active_until", holds=DAY, paths=("active_end",), show=last_day_of),
        Column(name="unit_cost", holds=COST, field="unit_cost"),
        Column(name="revenue_method", holds=choice(RevenueMethod), field="revenue_method", default=""),
    ),
    gathered=(
        periods.GATHERED,
        Gathered(
            name="usable_on",
            staged="usable_on",
            columns=("usable_on",),
            holds=PLACES,
            gather=lambda places: places,
            value="row.usable_on::jsonb",
        ),
        Gathered(
            name="active_end",
            staged="active_end",
            columns=("active_until",),
            holds=DAY,
            gather=lambda last_day: None if last_day is None else last_day + ONE_DAY,
        ),
    ),
    stored_checks=(
        StoredCheck(
            column="active_until",
            fails="row.active_end <= row.active_start",
            problem="The last day it is active lies before the first.",
            remedy="Correct active_from or active_until, or empty one of them.",
        ),
    ),
    prepare=period_lookup.prepare_masters,
    joins=period_lookup.MASTER_JOIN,
)
