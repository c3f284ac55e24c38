"""Charges assigned to clients, and which of their days are billed; what happened once is in `events.py`."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from counterfoil.records.audit import audited
from counterfoil.records.catalog.models import (
    PAID_BY,
    ChargeOverride,
    ChargePeriod,
    Escalation,
    MasterCharge,
    TaxCategory,
)
from counterfoil.records.charges.events import (
    BillableEvent,
    ChargedEvent,
    EventCharge,
    EventChargeAndPayer,
    EventKind,
)
from counterfoil.records.fields import StepsField
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import BillingCustomer, Client

__all__ = [
    "BillableEvent",
    "Charge",
    "ChargeAndPayer",
    "ChargeSpan",
    "ChargeWhoPays",
    "ChargedEvent",
    "Discount",
    "EventCharge",
    "EventChargeAndPayer",
    "EventKind",
    "Meter",
    "PastConfirmation",
    "PriceChange",
    "Reading",
]


@audited(found_by="key")
class Charge(models.Model):
    """A master charge assigned to a client, with its dates, its overrides and the customer responsible.

    Runs over [`starts_on`, `ends_before`); `ends_before` None is open. A value left empty comes from the
    customer's or dealer's override or from the master charge (billing-rules 4.1). An end on or before the
    start is stored as typed and reported by every run as an exception (2.1), never refused silently.
    """

    key = models.CharField(max_length=80, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="charges")
    master_charge = models.ForeignKey(MasterCharge, on_delete=models.PROTECT, related_name="charges")
    customer = models.ForeignKey(
        BillingCustomer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="charges",
        help_text="Who pays; empty: the client's default customer",
    )
    paid_by = models.CharField(
        max_length=6,
        choices=PAID_BY,
        blank=True,
        default="",
        db_default="",
        help_text=_("Whose account is invoiced, in legacy customer mode; empty: as the master charge says"),
    )
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)
    quantity = StepsField(null=True, blank=True)
    unit_price = StepsField(null=True, blank=True)
    description = models.CharField(max_length=300, blank=True)
    charge_period = models.ForeignKey(ChargePeriod, null=True, blank=True, on_delete=models.PROTECT)
    tax_category = models.ForeignKey(TaxCategory, null=True, blank=True, on_delete=models.PROTECT)
    while_commissioned = models.BooleanField(null=True, blank=True)
    escalation = models.ForeignKey(Escalation, null=True, blank=True, on_delete=models.PROTECT)
    po_number = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text=_("The customer's purchase order")
    )
    opening_billed_to = models.DateField(
        null=True, blank=True, help_text="Days before it were billed by the system used before"
    )

    class Meta:
        ordering = ["key"]
        indexes = [
            models.Index(fields=["starts_on", "id"], name="charge_by_start"),
            models.Index(
                fields=["ends_before"], condition=Q(ends_before__isnull=False), name="charge_that_ends"
            ),
            models.Index(fields=["id"], condition=Q(unit_price__isnull=False), name="charge_with_own_price"),
            models.Index(
                fields=["id"], condition=Q(while_commissioned=True), name="charge_while_commissioned"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class ChargeWhoPays(models.Model):
    """A view: who pays one charge that is looked up, as `ChargeAndPayer` says."""

    charge = models.OneToOneField(
        Charge, primary_key=True, on_delete=models.DO_NOTHING, related_name="who_pays", db_constraint=False
    )
    payer = models.ForeignKey(
        BillingCustomer, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    by_dealer = models.BooleanField()
    paid_by = models.CharField(max_length=6, null=True)

    class Meta:
        managed = False
        db_table = "charges_charge_who_pays"

    def __str__(self) -> str:
        return f"charge {self.charge_id} is paid by {self.payer_id}"


class ChargeAndPayer(models.Model):
    """A view: who pays a charge in the organisation's customer mode, as `core.paying` says; `paid_by` in legacy mode.

    What reads charges by who pays them reads it, in SQL as well. For charges that are looked up there is `who_pays`.
    """

    charge = models.OneToOneField(
        Charge, primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    payer = models.ForeignKey(
        BillingCustomer, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    by_dealer = models.BooleanField()
    paid_by = models.CharField(max_length=6, null=True)

    class Meta:
        managed = False
        db_table = "charges_charge_and_payer"

    def __str__(self) -> str:
        return f"charge {self.charge_id} is paid by {self.payer_id}"


class ChargeSpan(models.Model):
    """The billed span [`billed_from`, `billed_to`) of a charge: the guard that no day is billed twice.

    Billing-rules 2.5 and 2.6. One row a charge, made with it. Moves only in the transaction that stores or
    voids lines, and only from the values the lines were computed from (compare and set). Both None: nothing
    billed yet. `starts_in_part` and `ends_in_part` say that an edge lies within a period of the grid it was
    billed by, so that days added there are rated together with what is billed of it (3.4). Not audited: the
    lines are its record.
    """

    charge = models.OneToOneField(Charge, primary_key=True, on_delete=models.CASCADE, related_name="span")
    billed_from = models.DateField(null=True)
    billed_to = models.DateField(null=True)
    starts_in_part = models.BooleanField(default=False, db_default=False)
    ends_in_part = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(billed_from__isnull=True, billed_to__isnull=True)
                | Q(billed_from__lt=F("billed_to")),
                name="span_is_empty_or_a_range",
            ),
        ]

    def __str__(self) -> str:
        return f"charge {self.charge_id}: {self.billed_from} to {self.billed_to}"


@audited()
class PastConfirmation(models.Model):
    """Somebody confirmed that a charge's unbilled periods up to `ends_before` are to be billed (billing-rules 2.7).

    Those of them that end on or before that day count no longer towards what a run sets aside. Confirming again
    moves the day; the history keeps who confirmed what before.
    """

    charge = models.OneToOneField(
        Charge, primary_key=True, on_delete=models.CASCADE, related_name="past_confirmation"
    )
    ends_before = models.DateField()
    reason = models.CharField(max_length=300)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    confirmed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"charge {self.charge_id}: confirmed before {self.ends_before}"


def _exactly_one_of(*names: str) -> Q:
    """Return the condition that one of the columns is set and the others are not."""
    one_set = [Q(**{f"{other}__isnull": other != name for other in names}) for name in names]
    condition = one_set[0]
    for other in one_set[1:]:
        condition |= other
    return condition


@audited()
class PriceChange(models.Model):
    """From `valid_from` on, the unit price of a charge, an override or a master charge (billing-rules 4.2).

    Before the first change the price stored with the object itself holds. None: from then on this level leaves
    the price to the next (4.1).
    """

    charge = models.ForeignKey(
        Charge, null=True, blank=True, on_delete=models.CASCADE, related_name="price_changes"
    )
    override = models.ForeignKey(
        ChargeOverride, null=True, blank=True, on_delete=models.CASCADE, related_name="price_changes"
    )
    master_charge = models.ForeignKey(
        MasterCharge, null=True, blank=True, on_delete=models.CASCADE, related_name="price_changes"
    )
    valid_from = models.DateField()
    unit_price = StepsField(null=True, blank=True)

    class Meta:
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one_of("charge", "override", "master_charge"),
                name="price_change_is_of_one_level",
            ),
            models.UniqueConstraint(fields=["charge", "valid_from"], name="charge_price_once_a_day"),
            models.UniqueConstraint(fields=["override", "valid_from"], name="override_price_once_a_day"),
            models.UniqueConstraint(fields=["master_charge", "valid_from"], name="master_price_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_price} from {self.valid_from}"


@audited(found_by="key")
class Discount(models.Model):
    """Something off: a percentage or an amount, of one charge, of what a customer pays, or of both (4.5).

    With a `charge`, or a `master_charge`, it is off each of their lines; with a `customer` alone it is off the
    whole invoice and spread over its lines. Taken where the line's first day (the invoice date for a whole
    invoice) lies in [`starts_on`, `ends_before`); None is open. An amount off a line is that of a whole charge
    period. `key` is by which files find it.
    """

    key = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=120, help_text=_("Printed on the invoice"))
    charge = models.ForeignKey(
        Charge, null=True, blank=True, on_delete=models.CASCADE, related_name="discounts"
    )
    master_charge = models.ForeignKey(
        MasterCharge, null=True, blank=True, on_delete=models.PROTECT, related_name="discounts"
    )
    customer = models.ForeignKey(
        BillingCustomer, null=True, blank=True, on_delete=models.PROTECT, related_name="discounts"
    )
    percent = StepsField(null=True, blank=True)
    amount = StepsField(
        null=True, blank=True, help_text="In the customer's currency, off each line or invoice"
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_before = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100, amount__isnull=True)
                | Q(percent__isnull=True, amount__gt=0),
                name="discount_is_a_percentage_or_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(charge__isnull=False, master_charge__isnull=True, customer__isnull=True)
                | Q(charge__isnull=True, master_charge__isnull=False)
                | Q(charge__isnull=True, customer__isnull=False),
                name="discount_is_off_something",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_before__isnull=True)
                | Q(starts_on__lt=F("ends_before")),
                name="discount_has_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited(found_by="key")
class Meter(models.Model):
    """What counts the usage of a charge whose master charge has a tariff; several meters add up."""

    key = models.CharField(max_length=80, unique=True)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="meters")
    name = models.CharField(max_length=120, blank=True)
    digits = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Set: the counter begins again at 0 after so many digits"
    )
    tolerance_days = models.PositiveSmallIntegerField(
        default=0, help_text=_("A reading so many days beside a period's edge counts as taken on it")
    )
    may_be_estimated = models.BooleanField(
        default=False, help_text=_("Without a reading, usage goes on as between the last two")
    )

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(digits__isnull=True) | Q(digits__gte=1, digits__lte=9),
                name="meter_counts_in_a_few_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.key


@audited()
class Reading(models.Model):
    """What a meter stood at on the morning of a day."""

    meter = models.ForeignKey(Meter, on_delete=models.CASCADE, related_name="readings")
    read_on = models.DateField()
    value = StepsField()
    is_estimate = models.BooleanField(default=False)

    class Meta:
        ordering = ["meter", "read_on"]
        constraints = [
            models.UniqueConstraint(fields=["meter", "read_on"], name="reading_once_a_day"),
            models.CheckConstraint(condition=Q(value__gte=0), name="reading_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.value} on {self.read_on}"
