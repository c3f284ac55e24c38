"""Definitions, runs and what they leave behind: exceptions, invoices, lines and numbers.

Generated invoices and lines are insert-only: the database refuses to change or delete them. What happens to
a document afterwards lies beside it: `InvoiceHold`, `InvoiceExclusion`, `DocumentNumber`, deliveries.
Whether a document is to be seen at all is its run's status (`RunStatus.VISIBLE`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from counterfoil.records.audit import audited, insert_only
from counterfoil.records.billing.integrity import references_exist
from counterfoil.records.catalog.models import TaxCategory
from counterfoil.records.charges.models import Charge
from counterfoil.records.fields import StepsField
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.parties.models import BillingCustomer, Client


class Payer(models.TextChoices):
    ANY = "any", "Everybody"
    DIRECT = "direct", "Direct customers"
    DEALER = "dealer", "Dealers"


class Grouping(models.TextChoices):
    CUSTOMER = "customer", "One invoice a customer"
    CLIENT = "client", "One invoice a client"
    DEALER = "dealer", "One invoice a dealer"


class DocumentType(models.TextChoices):
    CONTRACT = "contract", "Contract invoice"
    SERVICE = "service", "Service invoice"
    SALES = "sales", "Sales invoice"
    CREDIT_NOTE = "credit_note", "Credit note"


@audited()
class BatchDefinition(models.Model):
    """A saved description of a run: what to select, for whom, how to group it, where to send it."""

    name = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    kinds = models.JSONField(default=list, help_text="Kinds of charge, such as service")
    payer = models.CharField(max_length=6, choices=Payer.choices, default=Payer.ANY)
    branch = models.ForeignKey(
        Branch, null=True, blank=True, on_delete=models.PROTECT, help_text="Empty: every branch"
    )
    grouping = models.CharField(max_length=8, choices=Grouping.choices, default=Grouping.CUSTOMER)
    past_periods_allowed = models.PositiveSmallIntegerField(
        default=2, help_text="More unbilled past periods on one charge are set aside (billing-rules 2.7)"
    )
    connector = models.CharField(max_length=40, default="csv", blank=True, help_text="Empty: none")
    send_email = models.BooleanField(default=True)
    authorised = models.BooleanField(default=False, help_text="Issue and deliver without review")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title


class RunStatus(models.TextChoices):
    GENERATING = "generating", "Generating"
    IN_REVIEW = "in_review", "In review"
    AUTHORISED = "authorised", "Authorised"
    ISSUED = "issued", "Issued"
    ABANDONED = "abandoned", "Abandoned"


VISIBLE_STATUSES = (RunStatus.IN_REVIEW, RunStatus.AUTHORISED, RunStatus.ISSUED)


@audited()
class Run(models.Model):
    """One execution of a definition, or of a selection given on the spot (`definition` None)."""

    definition = models.ForeignKey(
        BatchDefinition, null=True, blank=True, on_delete=models.PROTECT, related_name="runs"
    )
    title = models.CharField(max_length=200)
    selection = models.JSONField(help_text="What was selected and how, as it was when the run began")
    cutoff = models.DateField()
    invoice_date = models.DateField()
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.GENERATING)
    generated_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="runs_generated"
    )
    authorised_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="runs_authorised"
    )
    started_at = models.DateTimeField()
    generated_at = models.DateTimeField(null=True, blank=True)
    authorised_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)
    abandoned_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.title}, cut-off {self.cutoff}"


class RunShard(models.Model):
    """A part of a run that is computed alone and stored in one transaction: a range of customers.

    Both customers None: the charges for which nobody pays, which can only become exceptions. The shard's row
    is locked and marked done in the transaction that stores its lines, so it can be stored once only.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField()
    first_customer = models.BigIntegerField(null=True)
    last_customer = models.BigIntegerField(null=True)
    charges = models.PositiveIntegerField(help_text="How many charges the shard was planned to read")
    done_at = models.DateTimeField(null=True)
    invoices = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    exceptions = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="shard_once_a_run")]

    def __str__(self) -> str:
        return f"shard {self.number} of run {self.run_id}"


class RunTotal(models.Model):
    """The control totals of a run in one currency, stored when it was generated (billing-rules 12.5)."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="totals")
    currency = models.CharField(max_length=3)
    documents = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()

    class Meta:
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["run", "currency"], name="run_total_once_a_currency"),
            models.CheckConstraint(
                condition=Q(gross_minor=models.F("net_minor") + models.F("tax_minor")),
                name="run_total_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} of run {self.run_id}"


class BillingException(models.Model):
    """Something a run could not bill: set aside with its reason and remedy (billing-rules 12.3)."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="exceptions")
    shard = models.PositiveIntegerField()
    charge = models.ForeignKey(Charge, null=True, blank=True, on_delete=models.PROTECT)
    customer = models.ForeignKey(BillingCustomer, null=True, blank=True, on_delete=models.PROTECT)
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT)
    code = models.CharField(max_length=40)
    message = models.TextField()
    remedy = models.TextField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "code", "id"], name="exception_by_run_and_code")]
        verbose_name = "exception"

    def __str__(self) -> str:
        return self.message


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
    line_count = models.IntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["run", "id"], name="invoice_by_run"),
            models.Index(fields=["customer", "id"], name="invoice_by_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(gross_minor=models.F("net_minor") + models.F("tax_minor")), name="invoice_adds_up"
            ),
        ]
        triggers = [
            insert_only("invoices_are_never_changed"),
            references_exist(
                "invoice_references_exist", run_id="billing_run", customer_id="parties_billingcustomer"
            ),
        ]

    def __str__(self) -> str:
        return f"invoice {self.id}"


class InvoiceLine(models.Model):
    """One service period of one charge on an invoice. Insert-only.

    `fraction_num` ÷ `fraction_den` is the share of the period billed; the price is that of a whole period.
    Days are [`period_start`, `period_end`) of the grid period [`grid_start`, `grid_end`). [`span_from`,
    `span_to`) is the charge's billed span before the run, None if nothing was billed: excluding or voiding the
    charge's newest lines puts it back (2.5).
    """

    id = models.BigIntegerField(primary_key=True)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    line_no = models.IntegerField()
    charge = models.ForeignKey(
        Charge, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
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
    quantity = StepsField()
    unit_price = StepsField()
    price_level = models.CharField(max_length=10, help_text="Which level set the price (billing-rules 4.1)")
    tax_category = models.ForeignKey(
        TaxCategory, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    tax_rate = StepsField(help_text="Percent")
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()

    class Meta:
        ordering = ["invoice_id", "line_no"]
        indexes = [models.Index(fields=["charge", "period_start"], name="line_by_charge")]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "line_no"], name="line_once_an_invoice"),
            models.CheckConstraint(
                condition=Q(period_start__lt=models.F("period_end"))
                & Q(grid_start__lte=models.F("period_start"))
                & Q(period_end__lte=models.F("grid_end")),
                name="line_has_days_within_its_grid_period",
            ),
        ]
        triggers = [
            insert_only("lines_are_never_changed"),
            references_exist(
                "line_references_exist",
                invoice_id="billing_invoice",
                charge_id="charges_charge",
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
    """A draft taken out of its run: its span is restored and the next run bills its days again (12.7)."""

    invoice = models.OneToOneField(
        Invoice, primary_key=True, on_delete=models.PROTECT, related_name="exclusion"
    )
    reason = models.CharField(max_length=300)
    excluded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    excluded_at = models.DateTimeField()

    class Meta:
        triggers = [insert_only("exclusions_are_never_changed")]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} excluded: {self.reason}"


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
        constraints = [models.UniqueConstraint(fields=["series", "seq"], name="number_once_a_series")]
        triggers = [
            insert_only("numbers_are_never_changed"),
            references_exist(
                "number_references_exist", invoice_id="billing_invoice", series_id="billing_documentseries"
            ),
        ]

    def __str__(self) -> str:
        return self.number
