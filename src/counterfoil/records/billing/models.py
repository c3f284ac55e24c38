"""Definitions, runs and what they leave behind: exceptions, invoices, lines and numbers.

Generated invoices and lines are insert-only: the database refuses to change or delete them. What happens to
a document afterwards lies beside it: `InvoiceHold`, `InvoiceExclusion`, `DocumentNumber`, deliveries.
Whether a document is to be seen at all is its run's status (`RunStatus.VISIBLE`).
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from counterfoil.records.audit import audited, insert_only
from counterfoil.records.billing.comparing import (
    CustomerVariance,
    LineVariance,
    RunComparison,
    VarianceReason,
    VarianceTotal,
)
from counterfoil.records.billing.consolidating import (
    BillingMember,
    BillingSequence,
    BillingVoid,
    ConsolidatedBilling,
    ConsolidationBatch,
    QueueChange,
    QueuedInvoice,
)
from counterfoil.records.billing.integrity import references_exist
from counterfoil.records.billing.running import (
    TAKEN_BACK,
    VISIBLE_STATUSES,
    BatchDefinition,
    BillingException,
    CreditBasis,
    Grouping,
    Payer,
    Run,
    RunShard,
    RunStatus,
    RunTotal,
    ScheduleState,
)
from counterfoil.records.billing.summing import IssuedDue, IssuedRevenue, RecurringRevenue, RunControl
from counterfoil.records.catalog.models import DayCount, PartCharging, TaxCategory
from counterfoil.records.charges.models import Charge, EventCharge
from counterfoil.records.fields import StepsField
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.parties.models import BillingCustomer, Client

__all__ = [
    "TAKEN_BACK",
    "VISIBLE_STATUSES",
    "BatchDefinition",
    "BillingException",
    "BillingMember",
    "BillingSequence",
    "BillingVoid",
    "ConsolidatedBilling",
    "ConsolidationBatch",
    "CreditBasis",
    "CustomerVariance",
    "Grouping",
    "IssuedDue",
    "IssuedRevenue",
    "LineVariance",
    "Payer",
    "QueueChange",
    "QueuedInvoice",
    "RecurringRevenue",
    "Run",
    "RunComparison",
    "RunControl",
    "RunShard",
    "RunStatus",
    "RunTotal",
    "ScheduleState",
    "VarianceReason",
    "VarianceTotal",
]


class DocumentType(models.TextChoices):
    CONTRACT = "contract", _("Contract invoice")
    SERVICE = "service", _("Service invoice")
    SALES = "sales", _("Sales invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class Invoice(models.Model):
    """A generated document. Insert-only; it has a number once `DocumentNumber` refers to it."""

    id = models.BigIntegerField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    shard = models.IntegerField()
    customer = models.ForeignKey(
        BillingCustomer,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="invoices",
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    document_type = models.CharField(max_length=11, choices=DocumentType.choices)
    currency = models.CharField(max_length=3)
    invoice_date = models.DateField()
    po_number = models.CharField(max_length=60, default="", db_default="")
    is_amalgamated = models.BooleanField(default=False, db_default=False)
    credits = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="credit_notes",
        help_text="The invoice that a credit note is for (billing-rules 6.4)",
    )
    line_count = models.IntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["run", "id"], name="invoice_by_run"),
            models.Index(fields=["customer", "id"], name="invoice_by_customer"),
            models.Index(
                fields=["credits"], condition=Q(credits__isnull=False), name="credit_note_by_invoice"
            ),
            BrinIndex(fields=["invoice_date"], autosummarize=True, name="invoice_by_date"),
            models.Index(fields=["run"], condition=Q(shard=0), name="invoice_added_later"),
            models.Index(
                fields=["document_type", "id"], condition=~Q(document_type="contract"), name="invoice_by_type"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(gross_minor=models.F("net_minor") + models.F("tax_minor")), name="invoice_adds_up"
            ),
        ]
        triggers = [
            insert_only("invoices_are_never_changed"),
            references_exist(
                "invoice_references_exist",
                run_id="billing_run",
                customer_id="parties_billingcustomer",
                credits_id="billing_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"invoice {self.id}"


class LineKind(models.TextChoices):
    CHARGE = "charge", _("Charge")
    USAGE = "usage", _("Usage")
    EVENT = "event", _("Event")
    CREDIT = "credit", _("Credit")
    ADJUSTMENT = "adjustment", _("Adjustment")
    WAIVED = "waived", _("Waived")


class InvoiceLine(models.Model):
    """One service period of one charge, or one charge of an event, on an invoice. Insert-only.

    `fraction_num` ÷ `fraction_den` is the share of the period billed; the price is that of a whole period.
    Days are [`period_start`, `period_end`) of the grid period [`grid_start`, `grid_end`). [`span_from`,
    `span_to`) is the charge's billed span before the run, None if nothing was billed: excluding or voiding the
    charge's newest lines puts it back (2.5). An event's line has an `event_charge` and no charge; its period
    is the day it occurred. `part_charging`, `day_count` and `anchor_day` are the policy it was rated by, which
    its credits use (6.1). `refers_to` is the line that a credit or an adjustment is about. `net_minor` is after
    `discount_minor`. `details` is JSON text: what cannot be read off the other columns, such as tiers.
    """

    id = models.BigIntegerField(primary_key=True)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    line_no = models.IntegerField()
    kind = models.CharField(
        max_length=10, choices=LineKind.choices, default=LineKind.CHARGE, db_default=LineKind.CHARGE
    )
    charge = models.ForeignKey(
        Charge, null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    event_charge = models.ForeignKey(
        EventCharge,
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="lines",
    )
    refers_to = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="referring_lines",
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    code = models.CharField(max_length=64, help_text="Master charge")
    ledger_code = models.CharField(max_length=64)
    description = models.CharField(max_length=300)
    period_start = models.DateField()
    period_end = models.DateField()
    grid_start = models.DateField()
    grid_end = models.DateField()
    span_from = models.DateField(null=True)
    span_to = models.DateField(null=True)
    bill_date = models.DateField()
    fraction_num = models.BigIntegerField()
    fraction_den = models.BigIntegerField()
    part_charging = models.CharField(max_length=7, choices=PartCharging.choices, default="", db_default="")
    day_count = models.CharField(max_length=10, choices=DayCount.choices, default="", db_default="")
    anchor_day = models.SmallIntegerField(null=True, help_text="Of the grid; null for days and weeks")
    quantity = StepsField()
    unit_price = StepsField()
    price_level = models.CharField(max_length=10, help_text="Which level set the price (billing-rules 4.1)")
    tax_category = models.ForeignKey(
        TaxCategory, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    tax_rate = StepsField(help_text="Percent")
    includes_tax = models.BooleanField(
        default=False, db_default=False, help_text="Rated with tax in the price (billing-rules 5.4)"
    )
    discount_minor = models.BigIntegerField(default=0, db_default=0)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    details = models.TextField(default="", db_default="")

    class Meta:
        ordering = ["invoice_id", "line_no"]
        indexes = [
            models.Index(fields=["charge", "period_start"], name="line_by_charge"),
            models.Index(
                fields=["event_charge"], condition=Q(event_charge__isnull=False), name="line_by_event_charge"
            ),
            models.Index(
                fields=["refers_to"], condition=Q(refers_to__isnull=False), name="line_by_line_referred_to"
            ),
            models.Index(
                fields=["invoice", "line_no"],
                condition=~Q(fraction_num=models.F("fraction_den")),
                name="line_for_a_part",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "line_no"], name="line_once_an_invoice"),
            models.CheckConstraint(
                condition=Q(period_start__lt=models.F("period_end"))
                & Q(grid_start__lte=models.F("period_start"))
                & Q(period_end__lte=models.F("grid_end")),
                name="line_has_days_within_its_grid_period",
            ),
            models.CheckConstraint(
                condition=Q(charge__isnull=False)
                | Q(event_charge__isnull=False)
                | Q(refers_to__isnull=False),
                name="line_is_of_something",
            ),
        ]
        triggers = [
            insert_only("lines_are_never_changed"),
            references_exist(
                "line_references_exist",
                invoice_id="billing_invoice",
                charge_id="charges_charge",
                event_charge_id="charges_eventcharge",
                refers_to_id="billing_invoiceline",
                tax_category_id="catalog_taxcategory",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line_no} of invoice {self.invoice_id}"


@audited()
class InvoiceHold(models.Model):
    """A draft kept back from issue: its lines and the billed span stay (billing-rules 12.7)."""

    invoice = models.OneToOneField(Invoice, primary_key=True, on_delete=models.PROTECT, related_name="hold")
    reason = models.CharField(max_length=300)
    held_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    held_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} held: {self.reason}"


class InvoiceExclusion(models.Model):
    """A draft taken out of its run: its span is restored and the next run bills its days again (12.7).

    Where `replaced_by` is set another draft of the same run took its place, and the span stays: it was
    adjusted, waived or dated anew.
    """

    invoice = models.OneToOneField(
        Invoice, primary_key=True, on_delete=models.PROTECT, related_name="exclusion"
    )
    reason = models.CharField(max_length=300)
    excluded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    excluded_at = models.DateTimeField()
    replaced_by = models.OneToOneField(
        Invoice, null=True, on_delete=models.PROTECT, db_constraint=False, related_name="replaces"
    )

    class Meta:
        triggers = [insert_only("exclusions_are_never_changed")]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} excluded: {self.reason}"


class InvoiceVoid(models.Model):
    """An issued document taken back before it left the house: its span is restored, its number stays (7.1)."""

    invoice = models.OneToOneField(Invoice, primary_key=True, on_delete=models.PROTECT, related_name="void")
    reason = models.CharField(max_length=300)
    voided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    voided_at = models.DateTimeField()

    class Meta:
        triggers = [insert_only("voids_are_never_changed")]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} voided: {self.reason}"


class LineReason(models.Model):
    """Why a person added or waived a line, and who it was (billing-rules 12.7, 12.8). Insert-only."""

    line = models.OneToOneField(
        InvoiceLine, primary_key=True, on_delete=models.PROTECT, db_constraint=False, related_name="reason"
    )
    reason = models.CharField(max_length=300)
    given_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    given_at = models.DateTimeField()

    class Meta:
        triggers = [insert_only("line_reasons_are_never_changed")]

    def __str__(self) -> str:
        return self.reason


@audited()
class DocumentSeries(models.Model):
    """A run of numbers 1, 2, 3 … without gap: branch × document type × optional year (billing-rules 7.2).

    `year` 0 means that the series does not begin anew each year. `next_seq` and `last_date` move only while
    the row is locked, in the transaction that gives the numbers.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="series")
    document_type = models.CharField(max_length=11, choices=DocumentType.choices)
    year = models.PositiveSmallIntegerField(default=0)
    pattern = models.CharField(max_length=60, default="INV-{year}-{seq:06}")
    next_seq = models.BigIntegerField(default=1)
    last_date = models.DateField(null=True, blank=True, help_text="Invoice date of the newest document")
    any_date_order = models.BooleanField(default=False, help_text="Allow dates to go back within the series")
    is_open = models.BooleanField(
        default=True, db_default=True, help_text="Closed: another series of the same documents took over"
    )

    class Meta:
        ordering = ["branch", "document_type", "year"]
        verbose_name_plural = "document series"
        constraints = [
            models.UniqueConstraint(fields=["branch", "document_type", "year"], name="series_once"),
            models.CheckConstraint(condition=Q(next_seq__gte=1), name="series_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.branch} {self.document_type} {self.year or ''}".strip()


class DocumentNumber(models.Model):
    """The number an invoice got when it was issued, with its due date. Insert-only."""

    invoice = models.OneToOneField(
        Invoice, primary_key=True, on_delete=models.PROTECT, related_name="number", db_constraint=False
    )
    series = models.ForeignKey(DocumentSeries, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    seq = models.BigIntegerField()
    number = models.CharField(max_length=80, unique=True)
    due_on = models.DateField()
    issued_at = models.DateTimeField()

    class Meta:
        # Numbers are given in the order of days, so an index of ranges finds them and costs next to nothing.
        indexes = [BrinIndex(fields=["due_on"], autosummarize=True, name="number_by_due_date")]
        constraints = [models.UniqueConstraint(fields=["series", "seq"], name="number_once_a_series")]
        triggers = [
            insert_only("numbers_are_never_changed"),
            references_exist(
                "number_references_exist", invoice_id="billing_invoice", series_id="billing_documentseries"
            ),
        ]

    def __str__(self) -> str:
        return self.number
