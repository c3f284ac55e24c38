"""Billable events and their charges: what happened once, who pays for it, and the mark that it is billed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from counterfoil.records.audit import audited
from counterfoil.records.catalog.models import MasterCharge, TaxCategory
from counterfoil.records.fields import StepsField
from counterfoil.records.parties.models import BillingCustomer, Client


class EventKind(models.TextChoices):
    ACTIVATION = "activation", _("Activation")
    WORK_ORDER = "work_order", _("Work order")
    DISPATCH = "dispatch", _("Dispatch")
    SALE = "sale", _("Sale")


@audited(found_by="key")
class BillableEvent(models.Model):
    """A billable event: an alarm response, a job, a dispatch, a sale (product C14).

    Billed once, by a run whose cut-off has reached `to_be_billed_on`, to `customer` or the client's default
    one. An activation has one charge; a work order many. `to_be_billed_on` None, or not chargeable: not yet.
    What `is_invoice` is a sales invoice made by hand or imported: only who makes it bills it, no other run does.
    """

    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=EventKind.choices)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="billable_events")
    customer = models.ForeignKey(
        BillingCustomer, null=True, blank=True, on_delete=models.PROTECT, related_name="billable_events"
    )
    occurred_on = models.DateField()
    to_be_billed_on = models.DateField(null=True, blank=True)
    is_chargeable = models.BooleanField(default=True)
    is_invoice = models.BooleanField(
        default=False, db_default=False, help_text="A sales invoice by itself: no run bills it"
    )
    description = models.CharField(max_length=300, blank=True)
    po_number = models.CharField(max_length=60, blank=True, default="", db_default="")

    class Meta:
        ordering = ["key"]
        indexes = [
            models.Index(fields=["kind", "to_be_billed_on", "id"], name="event_by_kind_and_date"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_invoice=False)
                | Q(kind="sale", customer__isnull=False, to_be_billed_on__isnull=False),
                name="invoice_is_a_sale_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.key


@audited()
class EventCharge(models.Model):
    """One charge line of an event. Empty values come from the override chain (billing-rules 4.1).

    A line of a sales invoice may have no master charge: free text, with its own price, tax category and
    ledger code.
    """

    event = models.ForeignKey(BillableEvent, on_delete=models.CASCADE, related_name="charges")
    line_no = models.PositiveSmallIntegerField(default=1)
    master_charge = models.ForeignKey(
        MasterCharge, null=True, blank=True, on_delete=models.PROTECT, related_name="event_charges"
    )
    quantity = StepsField(null=True, blank=True)
    unit_price = StepsField(null=True, blank=True)
    description = models.CharField(max_length=300, blank=True)
    tax_category = models.ForeignKey(TaxCategory, null=True, blank=True, on_delete=models.PROTECT)
    ledger_code = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Of free text; else the master charge says",
    )

    class Meta:
        ordering = ["event", "line_no"]
        constraints = [
            models.UniqueConstraint(fields=["event", "line_no"], name="event_line_once"),
            models.CheckConstraint(
                condition=Q(master_charge__isnull=False)
                | Q(unit_price__isnull=False, tax_category__isnull=False) & ~Q(description=""),
                name="free_text_says_all_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.line_no}"


class EventChargeAndPayer(models.Model):
    """A view: who pays a charge of an event, as `ChargeAndPayer` says of assigned charges."""

    event_charge = models.OneToOneField(
        EventCharge,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        related_name="who_pays",
        db_constraint=False,
    )
    payer = models.ForeignKey(
        BillingCustomer, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    by_dealer = models.BooleanField()
    paid_by = models.CharField(max_length=6, null=True)

    class Meta:
        managed = False
        db_table = "charges_event_charge_and_payer"

    def __str__(self) -> str:
        return f"charge of event {self.event_charge_id} is paid by {self.payer_id}"


class ChargedEvent(models.Model):
    """The mark that an event's charge is billed, by which line: the guard that it never is twice (C14).

    Its primary key refuses a second one. Stored with the line, and deleted when the line is voided or its
    draft excluded. Not audited: the lines are its record.
    """

    event_charge = models.OneToOneField(
        EventCharge, primary_key=True, on_delete=models.PROTECT, related_name="charged"
    )
    line_id = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"event charge {self.event_charge_id} by line {self.line_id}"
