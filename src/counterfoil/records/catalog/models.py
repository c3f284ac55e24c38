"""What can be charged, how often, at what price, and how it is taxed."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from counterfoil.core.paying import PaidBy
from counterfoil.records.audit import audited
from counterfoil.records.fields import StepsField
from counterfoil.records.parties.models import BillingCustomer, Dealer

PAID_BY = [(PaidBy.DIRECT.value, _("Direct")), (PaidBy.DEALER.value, _("Dealer"))]


class Unit(models.TextChoices):
    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class PartCharging(models.TextChoices):
    NONE = "none", _("Not billed")
    WHOLE = "whole", _("Billed in full")
    DAILY = "daily", _("By days")
    MONTHLY = "monthly", _("By months")


class DayCount(models.TextChoices):
    ACTUAL = "actual", _("Actual days")
    BY_MONTH = "by_month", _("Month by month")
    THIRTY_360 = "thirty_360", _("30/360")


class BillOn(models.TextChoices):
    ADVANCE = "advance", _("In advance")
    ARREARS = "arrears", _("In arrears")


@audited()
class ChargePeriod(models.Model):
    """The billing frequency of a charge (billing-rules 1 to 3).

    With an `anchor` the periods lie on a fixed calendar, with a `billing_day` they begin on that day of the
    month, with neither they begin with each charge (anniversary billing, rule 1.4).
    """

    name = models.CharField(max_length=120, unique=True)
    count = models.PositiveIntegerField(default=1)
    unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.MONTH)
    anchor = models.DateField(null=True, blank=True)
    billing_day = models.PositiveSmallIntegerField(null=True, blank=True)
    part_charging = models.CharField(max_length=7, choices=PartCharging.choices, default=PartCharging.DAILY)
    day_count = models.CharField(max_length=10, choices=DayCount.choices, default=DayCount.ACTUAL)
    bill_on = models.CharField(max_length=7, choices=BillOn.choices, default=BillOn.ADVANCE)
    offset_days = models.SmallIntegerField(default=0)
    split_on_price_change = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A price change within a period splits it (billing-rules 4.2)",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gte=1, count__lte=1200), name="charge_period_has_a_length"
            ),
            models.CheckConstraint(
                condition=Q(anchor__isnull=True) | Q(billing_day__isnull=True),
                name="charge_period_has_anchor_or_billing_day",
            ),
            models.CheckConstraint(
                condition=Q(billing_day__isnull=True)
                | (Q(billing_day__gte=1, billing_day__lte=31) & Q(unit__in=["month", "year"])),
                name="billing_day_is_a_day_of_a_month",
            ),
            models.CheckConstraint(
                condition=Q(unit__in=["month", "year"])
                | (~Q(part_charging="monthly") & ~Q(day_count="by_month")),
                name="months_are_counted_in_months_and_years_only",
            ),
            models.UniqueConstraint(
                "count",
                "unit",
                Coalesce("anchor", date.min),
                Coalesce("billing_day", 0),
                "part_charging",
                "day_count",
                "bill_on",
                "offset_days",
                "split_on_price_change",
                name="charge_period_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class TaxCategory(models.Model):
    """A kind of supply that is taxed alike, such as *standard* or *reduced*."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "tax categories"

    def __str__(self) -> str:
        return self.name


@audited()
class TaxRate(models.Model):
    """The rate of a category from a day on, in percent (billing-rules 5.1). Country empty: everywhere."""

    category = models.ForeignKey(TaxCategory, on_delete=models.PROTECT, related_name="rates")
    country = models.CharField(max_length=2, blank=True)
    rate = StepsField(help_text="Percent")
    valid_from = models.DateField()

    class Meta:
        ordering = ["category", "country", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["category", "country", "valid_from"], name="tax_rate_once_a_day"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=1000), name="tax_rate_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.rate} %"


class Kind(models.TextChoices):
    SERVICE = "service", pgettext_lazy("kind of charge", "Service")
    ACTIVATION = "activation", _("Activation")
    WORK_ORDER = "work_order", _("Work order")
    DISPATCH = "dispatch", _("Dispatch")
    SALE = "sale", _("Sale")


class Place(models.TextChoices):
    """Where a master charge may be used: assigned to a client, a customer or a dealer, or on an event of a kind."""

    CLIENT = "client", _("Clients")
    CUSTOMER = "customer", _("Billing customers themselves")
    DEALER = "dealer", _("Dealers themselves")
    ACTIVATION = "activation", _("Activations")
    WORK_ORDER = "work_order", _("Work orders")
    DISPATCH = "dispatch", _("Dispatches")
    SALE = "sale", _("Sales")


class RevenueMethod(models.TextChoices):
    """When what a line bills is earned (billing-rules 10.1)."""

    DAILY = "daily", _("Over the service period, by days")
    EQUAL_MONTHS = "equal_months", _("Over the service period, in equal months")
    ON_INVOICE = "on_invoice", _("On invoice")
    ON_COMPLETION = "on_completion", _("On completion")


@audited()
class Escalation(models.Model):
    """How a unit price grows by itself: by `rate` percent, rounded to `step`, compounding (billing-rules 4.3).

    Either every `every_periods` periods, counted from the first grid boundary on or after the charge's start,
    or on `on_date`, and where `yearly` on that day of every later year.
    """

    name = models.CharField(max_length=120, unique=True)
    rate = StepsField(help_text="Percent; negative lowers the price")
    every_periods = models.PositiveSmallIntegerField(null=True, blank=True)
    on_date = models.DateField(null=True, blank=True)
    yearly = models.BooleanField(default=False)
    step = StepsField(default="0.01", help_text="The new price is rounded to a multiple of it")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_periods__gte=1, on_date__isnull=True, yearly=False)
                | Q(every_periods__isnull=True, on_date__isnull=False),
                name="escalation_is_by_periods_or_by_date",
            ),
            models.CheckConstraint(condition=Q(step__gt=0), name="escalation_rounds_to_a_step"),
            models.CheckConstraint(condition=Q(rate__gt=-100), name="escalation_leaves_a_price"),
        ]

    def __str__(self) -> str:
        return self.name


class TierMode(models.TextChoices):
    GRADUATED = "graduated", _("Graduated: each tier prices its own units")
    VOLUME = "volume", _("Volume: the tier reached prices all units")


class Counts(models.TextChoices):
    METER = "meter", _("Meter readings")
    ACTIVATIONS = "activations", _("Activations")


@audited()
class Tariff(models.Model):
    """How usage is priced: what is counted, free units, tiers and a minimum (billing-rules 4.4).

    Units are rounded up to `unit_step`; `allowance`, tier bounds and `minimum` (an amount in the master
    charge's currency) are those of a whole charge period.
    """

    name = models.CharField(max_length=120, unique=True)
    counts = models.CharField(max_length=11, choices=Counts.choices, default=Counts.METER)
    mode = models.CharField(max_length=9, choices=TierMode.choices, default=TierMode.GRADUATED)
    unit = models.CharField(max_length=40, blank=True)
    unit_step = StepsField(default=1)
    allowance = StepsField(default=0, help_text="Free units a whole period")
    minimum = StepsField(default=0, help_text="The least a whole period costs")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit_step__gt=0, allowance__gte=0, minimum__gte=0),
                name="tariff_counts_in_positive_units",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class TariffTier(models.Model):
    """From `from_units` (over the allowance) on, a unit costs `unit_price`, and reaching it costs `fee` once."""

    tariff = models.ForeignKey(Tariff, on_delete=models.CASCADE, related_name="tiers")
    from_units = StepsField(default=0)
    unit_price = StepsField()
    fee = StepsField(default=0)

    class Meta:
        ordering = ["tariff", "from_units"]
        constraints = [
            models.UniqueConstraint(fields=["tariff", "from_units"], name="tier_once_a_bound"),
            models.CheckConstraint(condition=Q(from_units__gte=0), name="tier_begins_at_units"),
        ]

    def __str__(self) -> str:
        return f"{self.tariff} from {self.from_units}"


@audited()
class MasterCharge(models.Model):
    """A catalogue item: what a charge is unless an override or the charge itself says otherwise.

    It is used at the places of `usable_on`, everywhere where that is empty, and on days in [`active_start`,
    `active_end`), None being open: asked when something is assigned or recorded, never by a run. `unit_cost` and
    `revenue_method` are for accounting; without a method it is the kind's (`earned`).
    """

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SERVICE)
    ledger_code = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3)
    unit_price = StepsField(null=True, blank=True, help_text=_("The price of one whole charge period"))
    quantity = StepsField(default=1)
    unit = models.CharField(max_length=40, blank=True)
    tax_category = models.ForeignKey(
        TaxCategory, null=True, blank=True, on_delete=models.PROTECT, related_name="master_charges"
    )
    charge_period = models.ForeignKey(
        ChargePeriod, null=True, blank=True, on_delete=models.PROTECT, related_name="master_charges"
    )
    escalation = models.ForeignKey(
        Escalation, null=True, blank=True, on_delete=models.PROTECT, related_name="master_charges"
    )
    tariff = models.ForeignKey(
        Tariff,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="master_charges",
        help_text=_("Set: usage is billed, in arrears (billing-rules 4.4)"),
    )
    paid_by = models.CharField(
        max_length=6,
        choices=PAID_BY,
        default=PaidBy.DIRECT.value,
        db_default=PaidBy.DIRECT.value,
        help_text=_("Whose account is invoiced, in legacy customer mode"),
    )
    price_includes_tax = models.BooleanField(default=False, db_default=False)
    while_commissioned = models.BooleanField(default=False)
    assignable = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    usable_on = models.JSONField(
        default=list, db_default=[], blank=True, help_text="Places it may be used at; empty: all"
    )
    active_start = models.DateField(null=True, blank=True)
    active_end = models.DateField(null=True, blank=True)
    unit_cost = StepsField(null=True, blank=True, help_text="What one unit of one whole period costs us")
    revenue_method = models.CharField(
        max_length=13,
        choices=RevenueMethod.choices,
        blank=True,
        default="",
        db_default="",
        help_text=_("When revenue is earned; empty: as its kind's"),
    )

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["name", "id"], name="master_charge_by_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="master_currency_is_a_code"
            ),
            models.CheckConstraint(
                condition=Q(active_start__isnull=True)
                | Q(active_end__isnull=True)
                | Q(active_start__lt=F("active_end")),
                name="master_is_active_on_some_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def earned(self) -> RevenueMethod:
        """Return when its revenue is earned: by days for services, on invoice for others, unless it says."""
        as_its_kind = RevenueMethod.DAILY if self.kind == Kind.SERVICE else RevenueMethod.ON_INVOICE
        return RevenueMethod(self.revenue_method or as_its_kind)


@audited()
class ChargeOverride(models.Model):
    """What one customer or one dealer gets differently from the master charge (billing-rules 4.1).

    Each value is looked up separately; None leaves the decision to the next level.
    """

    named_by = ("master_charge", "customer", "dealer")

    master_charge = models.ForeignKey(MasterCharge, on_delete=models.PROTECT, related_name="overrides")
    customer = models.ForeignKey(
        BillingCustomer, null=True, blank=True, on_delete=models.PROTECT, related_name="overrides"
    )
    dealer = models.ForeignKey(
        Dealer, null=True, blank=True, on_delete=models.PROTECT, related_name="overrides"
    )
    unit_price = StepsField(null=True, blank=True)
    quantity = StepsField(null=True, blank=True)
    description = models.CharField(max_length=300, blank=True)
    charge_period = models.ForeignKey(ChargePeriod, null=True, blank=True, on_delete=models.PROTECT)
    tax_category = models.ForeignKey(TaxCategory, null=True, blank=True, on_delete=models.PROTECT)
    while_commissioned = models.BooleanField(null=True, blank=True)
    assignable = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=True, dealer__isnull=False)
                | Q(customer__isnull=False, dealer__isnull=True),
                name="override_is_for_a_customer_or_a_dealer",
            ),
            models.UniqueConstraint(fields=["master_charge", "customer"], name="override_once_a_customer"),
            models.UniqueConstraint(fields=["master_charge", "dealer"], name="override_once_a_dealer"),
        ]

    def __str__(self) -> str:
        return f"{self.master_charge} for {self.customer or self.dealer}"
