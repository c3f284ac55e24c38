"""How the lines of a run differ from those of an earlier one, and why: parts that add up to the difference (C3).

Lines are paired by customer, currency and charge, the newest with the newest. What has no partner is *new* or
*gone* where the charge has no line on the other side, else a further or missing *period*; `engine.due` tells
apart from them what is *due again* and what is *not due* this time. For a pair the
amounts are walked from the earlier to the later one, one factor at a time, in a stated order: period, price,
quantity, tax in the price, discount. Each factor's part is where the walk is after it less where it was before,
rounded as amounts are; what is left of rounding falls to the last factor that changed. So the parts of every
row, and of every sum of rows, are exactly its difference (billing-rules 9).
"""

from __future__ import annotations

import polars as pl

from counterfoil.core.currencies import MINOR_DIGITS
from counterfoil.core.money import LARGEST_AMOUNT_MINOR, PERCENT_STEPS, PLACES, Rounding
from counterfoil.engine.frames import DAY, ID, MINOR, STEPS, Frame
from counterfoil.engine.rounding import WIDE, round_ratio

PARTS = ("new", "gone", "due_again", "not_due", "period", "price", "quantity", "tax", "discount", "other")
"""What a difference is made of. *Gone* and *not due* are negative where something was billed last time."""

SAME = "same"

COMPARED = Frame(
    name="compared lines",
    columns={
        "line_id": ID,
        "customer_id": ID,
        "client_id": ID,
        "charge_id": ID,
        "event_charge_id": ID,
        "currency": pl.String,
        "kind": pl.String,
        "period_start": DAY,
        "period_end": DAY,
        "fraction_num": pl.Int64,
        "fraction_den": pl.Int64,
        "quantity": STEPS,
        "unit_price": STEPS,
        "tax_rate": STEPS,
        "includes_tax": pl.Boolean,
        "discount_minor": MINOR,
        "net_minor": MINOR,
    },
    key=("line_id",),
    always={"has a share with a denominator": pl.col("fraction_den") > 0},
)
"""A line as far as comparing needs it; `line_id` is any number of its own."""

_PART_COLUMNS = [f"{part}_minor" for part in PARTS]
_ADDS_UP = pl.sum_horizontal(_PART_COLUMNS) == pl.col("difference_minor")
_IS_DIFFERENCE = pl.col("now_minor") - pl.col("before_minor") == pl.col("difference_minor")
_AMOUNTS: dict[str, type[pl.DataType]] = {
    "before_minor": MINOR,
    "now_minor": MINOR,
    "difference_minor": MINOR,
    **dict.fromkeys(_PART_COLUMNS, MINOR),
}

VARIANCES = Frame(
    name="variances",
    columns={
        "line_id": ID,
        "before_line_id": ID,
        "customer_id": ID,
        "client_id": ID,
        "charge_id": ID,
        "event_charge_id": ID,
        "currency": pl.String,
        "kind": pl.String,
        "reason": pl.String,
        **_AMOUNTS,
    },
    key=(),
    always={
        "is a line of one of the runs": pl.col("line_id").is_not_null()
        | pl.col("before_line_id").is_not_null(),
        "is the difference of its amounts": _IS_DIFFERENCE,
        "adds up": _ADDS_UP,
    },
)
"""One row a pair of lines; `reason` is the part that weighs most, or `same`."""

CUSTOMER_VARIANCES = Frame(
    name="customers' variances",
    columns={"customer_id": ID, "currency": pl.String, "reason": pl.String, **_AMOUNTS},
    key=("customer_id", "currency"),
    always={"is the difference of its amounts": _IS_DIFFERENCE, "adds up": _ADDS_UP},
)

TOTAL_VARIANCES = Frame(
    name="total variances",
    columns={
        "currency": pl.String,
        **_AMOUNTS,
        **{f"{part}_lines": pl.Int64 for part in (*PARTS, SAME)},
    },
    key=("currency",),
    always={"is the difference of its amounts": _IS_DIFFERENCE, "adds up": _ADDS_UP},
)
"""By currency: the amounts, and how many rows of VARIANCES have each reason."""

_SUBJECT = ["customer_id", "currency", "family", "subject_id"]

# A waived line stands where the charge's line would have stood: the two are compared with one another.
_FAMILY = pl.when(pl.col("kind") == "waived").then(pl.lit("charge")).otherwise(pl.col("kind"))
_VALUES = [name for name in COMPARED.columns if name not in ("customer_id", "currency")]


def compare(*, now: pl.DataFrame, before: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    """Return VARIANCES of the lines *now* against those *before*, both COMPARED, by customer and charge."""
    pairs = _paired(_ranked(COMPARED.promise(now)), _ranked(COMPARED.promise(before)))
    amounts = _with_gross(pairs, rounding=rounding)
    walked = _walked(_with_changes(amounts), rounding=rounding)
    return VARIANCES.promise(_with_reason(_with_parts(walked)).sort("customer_id", "client_id", "charge_id"))


def by_customer(variances: pl.DataFrame) -> pl.DataFrame:
    """Return CUSTOMER_VARIANCES: what the rows of each customer and currency come to."""
    summed = variances.group_by("customer_id", "currency").agg(
        *(pl.col(name).sum() for name in _AMOUNTS),
        is_new=(pl.col("reason") == "new").all(),
        is_gone=(pl.col("reason") == "gone").all(),
    )
    return CUSTOMER_VARIANCES.promise(_with_reason(summed).sort("customer_id", "currency"))


def totals(variances: pl.DataFrame) -> pl.DataFrame:
    """Return TOTAL_VARIANCES: what all rows come to, by currency."""
    counts = {f"{part}_lines": (pl.col("reason") == part).sum().cast(pl.Int64) for part in (*PARTS, SAME)}
    summed = variances.group_by("currency").agg(*(pl.col(name).sum() for name in _AMOUNTS), **counts)
    return TOTAL_VARIANCES.promise(summed.sort("currency"))


def _ranked(lines: pl.DataFrame) -> pl.DataFrame:
    """Return *lines* with what they are of and their `rank` among the lines of the same, the newest 0."""
    keyed = lines.with_columns(
        family=_FAMILY, subject_id=pl.coalesce("charge_id", "event_charge_id", pl.lit(0, dtype=pl.Int64))
    )
    ordered = keyed.sort(
        [*_SUBJECT, "period_start", "line_id"], descending=[*(False for _ in _SUBJECT), True, True]
    )
    begins = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in _SUBJECT)
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    first = pl.when(begins | (row == 0)).then(row).forward_fill()
    return ordered.with_columns(rank=row - first)


def _paired(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return one row a pair; the earlier line's columns end in `_before`, nulls where a line has no partner."""
    earlier = before.rename({name: f"{name}_before" for name in _VALUES})
    paired = now.join(earlier, on=[*_SUBJECT, "rank"], how="full", coalesce=True)
    known_before = before.select(_SUBJECT).unique().with_columns(was_there=pl.lit(value=True))
    known_now = now.select(_SUBJECT).unique().with_columns(is_there=pl.lit(value=True))
    return paired.join(known_before, on=_SUBJECT, how="left").join(known_now, on=_SUBJECT, how="left")


def _with_gross(pairs: pl.DataFrame, *, rounding: Rounding) -> pl.DataFrame:
    """Return *pairs* with the amounts on either side, 0 where there is no line, before and after discounts."""
    zero = pl.lit(0, dtype=pl.Int64)
    either = {
        name: pl.coalesce(name, f"{name}_before")
        for name in ("client_id", "charge_id", "event_charge_id", "kind")
    }
    per_currency = {code: 10 ** (2 * PLACES - digits) for code, digits in MINOR_DIGITS.items()}
    return pairs.with_columns(
        now_minor=pl.coalesce("net_minor", zero),
        before_minor=pl.coalesce("net_minor_before", zero),
        now_off=_off("", rounding=rounding),
        before_off=_off("_before", rounding=rounding),
        steps_per_minor=pl.col("currency").replace_strict(per_currency, return_dtype=pl.Int64),
        is_waived_once=(pl.col("kind") == "waived") != (pl.col("kind_before") == "waived"),
        before_line_id="line_id_before",
        **either,
    ).with_columns(
        difference_minor=pl.col("now_minor") - pl.col("before_minor"),
        now_gross=pl.col("now_minor") + pl.col("now_off"),
        before_gross=pl.col("before_minor") + pl.col("before_off"),
    )


def _off(side: str, *, rounding: Rounding) -> pl.Expr:
    """Return the discount of the line on that *side*, without the tax that is in it where the price includes it."""
    off = pl.col(f"discount_minor{side}").cast(WIDE)
    hundred = pl.lit(PERCENT_STEPS, dtype=WIDE)
    without = round_ratio(off * hundred, hundred + pl.col(f"tax_rate{side}").cast(WIDE), rounding=rounding)
    return (
        pl.when(f"includes_tax{side}").then(without).otherwise(off).cast(pl.Int64, strict=True).fill_null(0)
    )


def _with_changes(amounts: pl.DataFrame) -> pl.DataFrame:
    """Return *amounts* with which factors of a pair's amount differ, and what a line without a partner is."""
    is_pair = pl.col("line_id").is_not_null() & pl.col("before_line_id").is_not_null()
    is_rated = pl.col("family") == "charge"
    is_usage = pl.col("family") == "usage"
    quantity_differs = pl.col("quantity") != pl.col("quantity_before")
    share_differs = (
        pl.col("fraction_num").cast(WIDE) * pl.col("fraction_den_before").cast(WIDE)
        != pl.col("fraction_num_before").cast(WIDE) * pl.col("fraction_den").cast(WIDE)
    )  # fmt: skip
    tax_differs = (pl.col("includes_tax") != pl.col("includes_tax_before")) | (
        pl.col("includes_tax") & (pl.col("tax_rate") != pl.col("tax_rate_before"))
    )
    # Usage has tiers, a free allowance and a minimum: what is not the quantity is its price.
    price_differs = pl.when(is_usage).then(
        ~quantity_differs & (pl.col("now_gross") != pl.col("before_gross"))
    )
    walks = is_pair & (is_rated | is_usage) & ~pl.col("is_waived_once").fill_null(value=False)
    is_adjustment = pl.col("family") == "adjustment"
    is_alone = ~is_pair & ~is_adjustment
    return amounts.with_columns(
        walks=walks,
        period_differs=walks & is_rated & share_differs,
        price_differs=walks & price_differs.otherwise(pl.col("unit_price") != pl.col("unit_price_before")),
        quantity_differs=walks & quantity_differs,
        tax_differs=walks & tax_differs,
        is_new=is_alone & pl.col("was_there").is_null(),
        is_gone=is_alone & pl.col("is_there").is_null(),
        is_period_alone=is_alone & pl.col("was_there").is_not_null() & pl.col("is_there").is_not_null(),
    ).with_columns(
        pl.col("period_differs", "price_differs", "quantity_differs", "tax_differs").fill_null(value=False)
    )


def _walked(changes: pl.DataFrame, *, rounding: Rounding) -> pl.DataFrame:
    """Return *changes* with where the amount before discounts is after each factor, at last the later amount."""
    share_now = {"num": "fraction_num", "den": "fraction_den"}
    after_period = _amount("quantity_before", "unit_price_before", **share_now, rounding=rounding)
    after_price = _amount("quantity_before", "unit_price", **share_now, rounding=rounding)
    after_quantity = _amount("quantity", "unit_price", **share_now, rounding=rounding)
    end = pl.col("now_gross")

    # A factor that did not change leaves the amount where it was; after the last that did, it is the later one.
    after = {"period": after_period, "price": after_price, "quantity": after_quantity, "tax": end}
    differs = [f"{name}_differs" for name in after]
    any_differs = pl.any_horizontal(differs)
    walking = changes.filter(any_differs)
    place = pl.col("before_gross")
    for number, (name, amount) in enumerate(after.items(), start=1):
        is_last = ~pl.any_horizontal(*differs[number:], pl.lit(value=False))
        there = pl.when(is_last).then(end).otherwise(amount.fill_null(end))
        place = pl.when(f"{name}_differs").then(there).otherwise(place)
        walking = walking.with_columns(place.alias(f"at_{name}"))
        place = pl.col(f"at_{name}")
    standing = changes.filter(~any_differs)
    return pl.concat(
        [walking, standing.with_columns(pl.col("before_gross").alias(f"at_{name}") for name in after)]
    )


def _amount(quantity: str, unit_price: str, *, num: str, den: str, rounding: Rounding) -> pl.Expr:
    """Return quantity × price × share in minor units, without the tax in it by the earlier line's rate.

    Null for a combination that no charge may have, being beyond the largest amount.
    """
    steps_per_minor = pl.col("steps_per_minor").cast(WIDE)
    whole = pl.col(quantity).cast(WIDE) * pl.col(unit_price).cast(WIDE)
    admitted = pl.when(whole.abs() // steps_per_minor < LARGEST_AMOUNT_MINOR).then(whole)
    with_tax = round_ratio(
        admitted * pl.col(num).cast(WIDE), steps_per_minor * pl.col(den).cast(WIDE), rounding=rounding
    )
    hundred = pl.lit(PERCENT_STEPS, dtype=WIDE)
    without = round_ratio(
        with_tax * hundred, hundred + pl.col("tax_rate_before").cast(WIDE), rounding=rounding
    )
    return pl.when("includes_tax_before").then(without).otherwise(with_tax).cast(pl.Int64, strict=True)


def _with_parts(walked: pl.DataFrame) -> pl.DataFrame:
    """Return *walked* with the parts of each difference."""
    difference, nothing = pl.col("difference_minor"), pl.lit(0, dtype=pl.Int64)
    walks = pl.col("walks")
    off = pl.col("before_off") - pl.col("now_off")
    period = pl.when(walks).then(pl.col("at_period") - pl.col("before_gross"))
    return walked.with_columns(
        due_again_minor=nothing,
        not_due_minor=nothing,
        new_minor=pl.when("is_new").then(difference).otherwise(nothing),
        gone_minor=pl.when("is_gone").then(difference).otherwise(nothing),
        period_minor=period.when("is_period_alone").then(difference).otherwise(nothing),
        price_minor=pl.when(walks).then(pl.col("at_price") - pl.col("at_period")).otherwise(nothing),
        quantity_minor=pl.when(walks).then(pl.col("at_quantity") - pl.col("at_price")).otherwise(nothing),
        tax_minor=pl.when(walks).then(pl.col("at_tax") - pl.col("at_quantity")).otherwise(nothing),
        discount_minor=pl.when(walks).then(off).otherwise(nothing),
    ).with_columns(
        other_minor=difference - pl.sum_horizontal(name for name in _PART_COLUMNS if name != "other_minor")
    )


def _with_reason(rows: pl.DataFrame) -> pl.DataFrame:
    """Return *rows* with `reason`: what is all new or all gone is so, else the part that weighs most."""
    weights = [pl.col(name).abs() for name in _PART_COLUMNS]
    most = pl.max_horizontal(weights)
    heaviest = pl.coalesce(
        pl.when((weight == most) & (most > 0)).then(pl.lit(part))
        for part, weight in zip(PARTS, weights, strict=True)
    )
    return rows.with_columns(
        reason=pl.when("is_new")
        .then(pl.lit("new"))
        .when("is_gone")
        .then(pl.lit("gone"))
        .otherwise(heaviest.fill_null(pl.lit(SAME)))
    )
