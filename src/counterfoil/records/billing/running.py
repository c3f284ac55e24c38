"""Definitions and their runs: what is asked for, how far it is, what it came to, and what could not be billed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from counterfoil.records.audit import audited
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.parties.models import BillingCustomer, Client, CustomerGroup


class Payer(models.TextChoices):
    ANY = "any", _("Everybody")
    DIRECT = "direct", _("Direct customers")
    DEALER = "dealer", _("Dealers")


class Grouping(models.TextChoices):
    CUSTOMER = "customer", _("One invoice a customer")
    CLIENT = "client", _("One invoice a client")
    DEALER = "dealer", _("One invoice a dealer")
    BRANCH = "branch", _("One invoice a branch of the clients")
    PO = "po", _("One invoice a purchase order")
    EVENT = "event", _("One invoice an event")


class CreditBasis(models.TextChoices):
    NONE = "none", _("Bills, credits nothing")
    DAILY = "daily", _("Daily off")
    MONTHLY = "monthly", _("Monthly off")


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
    customer_group = models.ForeignKey(
        CustomerGroup, null=True, blank=True, on_delete=models.PROTECT, help_text="Empty: whatever group"
    )
    period_lengths = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="Lengths of charge periods in months or days, such as 3 months; empty: any. Events have none",
    )
    master_charges = models.JSONField(
        default=list, db_default=[], blank=True, help_text="Ids of master charges; empty: all"
    )
    grouping = models.CharField(max_length=8, choices=Grouping.choices, default=Grouping.CUSTOMER)
    past_periods_allowed = models.PositiveSmallIntegerField(
        default=2, help_text="More unbilled past periods on one charge are set aside (billing-rules 2.7)"
    )
    amalgamated = models.BooleanField(
        default=False, help_text="One formal line a tax category and rate, the breakdown attached (C11)"
    )
    keeps_zero = models.BooleanField(
        default=False, help_text="Invoices over 0.00 are kept without a number (billing-rules 5.5)"
    )
    attaches_summary = models.BooleanField(
        default=False,
        db_default=False,
        help_text="E-mails of invoices have the charge summary beside them (D2)",
    )
    credit_basis = models.CharField(
        max_length=7,
        choices=CreditBasis.choices,
        default=CreditBasis.NONE,
        help_text="Set: a run credits served days that fell away, instead of billing (billing-rules 6)",
    )
    connector = models.CharField(max_length=40, default="csv", blank=True, help_text="Empty: none")
    send_email = models.BooleanField(default=True)
    authorised = models.BooleanField(default=False, help_text="Issue and deliver without review")
    cutoff_rule = models.CharField(
        "cut-off",
        max_length=40,
        default="today",
        db_default="today",
        help_text="Everything with a bill date up to this day is billed",
    )
    invoice_date_rule = models.CharField(
        "invoice date",
        max_length=40,
        default="today",
        db_default="today",
        help_text="Date of the documents",
    )
    schedule = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=(
            "When runs start by themselves, as cron writes it, in the organisation's zone; empty: never"
        ),
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title


class ScheduleState(models.Model):
    """How far the schedule of a definition is dealt with; its row is locked by whoever starts what is due.

    What was due up to `seen_up_to` has been started, or could not be for the reason `problem`; a start that broke off
    leaves its `problem` and moves nothing.
    """

    definition = models.OneToOneField(
        BatchDefinition, primary_key=True, on_delete=models.CASCADE, related_name="schedule_state"
    )
    seen_up_to = models.DateTimeField()
    problem = models.CharField(max_length=500, blank=True, default="")

    def __str__(self) -> str:
        return f"schedule of {self.definition_id} up to {self.seen_up_to}"


class RunStatus(models.TextChoices):
    GENERATING = "generating", _("Generating")
    IN_REVIEW = "in_review", _("In review")
    AUTHORISED = "authorised", _("Authorised")
    ISSUED = "issued", _("Issued")
    ABANDONED = "abandoned", _("Abandoned")
    VOIDED = "voided", _("Voided")


VISIBLE_STATUSES = (RunStatus.IN_REVIEW, RunStatus.AUTHORISED, RunStatus.ISSUED, RunStatus.VOIDED)
TAKEN_BACK = (RunStatus.ABANDONED, RunStatus.VOIDED)
"""Runs whose lines bill nothing any more."""


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
    tax_point = models.DateField(null=True, blank=True, help_text="Empty: the invoice date (5.1)")
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
    voided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="runs_voided"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_because = models.CharField(max_length=300, blank=True)
    scheduled_for = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When its definition's schedule had it due; empty: somebody asked for it",
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["status", "id"],
                condition=Q(status__in=["generating", "in_review"]),
                name="run_in_hand",
            ),
            models.Index(
                fields=["generated_at"], condition=Q(generated_at__isnull=False), name="run_by_generation"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "scheduled_for"],
                condition=Q(scheduled_for__isnull=False),
                name="run_once_when_it_is_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, cut-off {self.cutoff}"


class RunShard(models.Model):
    """A part of a run that is computed alone and stored in one transaction: a range of customers.

    A shard of a credit run has the charges it looks at, `credited`, in place of customers. All three None: the
    charges for which nobody pays, which can only become exceptions. The shard's row is locked and marked done in the
    transaction that stores its lines, so it can be stored once only. Its drafts have the `invoices` ids from
    `first_invoice` on, and take their numbers in the order of the shards. `wording` says, each once, with which codes
    and descriptions it has lines, so that a word is looked for only where it can be.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField()
    first_customer = models.BigIntegerField(null=True)
    last_customer = models.BigIntegerField(null=True)
    credited = ArrayField(models.BigIntegerField(), null=True)
    charges = models.PositiveIntegerField(help_text="How many charges the shard was planned to read")
    done_at = models.DateTimeField(null=True)
    first_invoice = models.BigIntegerField(
        null=True, help_text="None where it was stored before this was noted"
    )
    invoices = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    exceptions = models.PositiveIntegerField(default=0)
    wording = ArrayField(
        models.TextField(), null=True, help_text="None where there are too many, or this was not noted yet"
    )

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
