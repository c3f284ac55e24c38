"""Charges assigned to clients, and which of their days are billed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from counterfoil.records.audit import audited
from counterfoil.records.catalog.models import ChargePeriod, MasterCharge, TaxCategory
from counterfoil.records.fields import StepsField
from counterfoil.records.parties.models import BillingCustomer, Client


@audited()
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
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)
    quantity = StepsField(null=True, blank=True)
    unit_price = StepsField(null=True, blank=True)
    description = models.CharField(max_length=300, blank=True)
    charge_period = models.ForeignKey(ChargePeriod, null=True, blank=True, on_delete=models.PROTECT)
    tax_category = models.ForeignKey(TaxCategory, null=True, blank=True, on_delete=models.PROTECT)
    while_commissioned = models.BooleanField(null=True, blank=True)
    opening_billed_to = models.DateField(
        null=True, blank=True, help_text="Days before it were billed by the system used before"
    )

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


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
