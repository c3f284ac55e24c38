"""What issued documents add up to, kept small: figures of many months are read without reading their lines.

Derived, and made in the transactions that issue and void: the rows of a run add up to its documents that have a
number and are not void. A document that is voided later adds rows below zero.
"""

from __future__ import annotations

from django.db import models

from counterfoil.records.billing.running import Run
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import Dealer


class IssuedRevenue(models.Model):
    """Net of a run's issued documents by month of their date, kind of charge, and dealer of the client (None: none)."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="issued_revenue")
    month = models.DateField(help_text="Its first day")
    document_type = models.CharField(max_length=11)
    kind = models.CharField(max_length=10, help_text="Of the master charge")
    dealer = models.ForeignKey(Dealer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    lines = models.IntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["month"], name="revenue_by_month")]

    def __str__(self) -> str:
        return f"{self.kind} {self.month} of run {self.run_id}"


class RecurringRevenue(models.Model):
    """What a run's issued lines of recurring charges are a month, for each month whose last day they serve.

    Net, by dealer of the client (None: none). `monthly_steps` is in millionths of a minor unit, rounded once a row;
    what a credit run gives back is below zero (decision 0131).
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="recurring_revenue")
    month = models.DateField(help_text="Its first day")
    kind = models.CharField(max_length=10, help_text="Of the master charge")
    dealer = models.ForeignKey(Dealer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    monthly_steps = models.BigIntegerField()
    lines = models.IntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["month"], name="recurring_by_month"),
            models.Index(fields=["dealer", "month"], name="recurring_by_dealer"),
        ]

    def __str__(self) -> str:
        return f"{self.month} of run {self.run_id}, a month"


class IssuedDue(models.Model):
    """Gross of a run's issued documents by the day it is due by themselves.

    Rows without a run move what live consolidated billings hold from those days to that of the billing (8.5).
    """

    run = models.ForeignKey(
        Run,
        null=True,
        on_delete=models.CASCADE,
        related_name="issued_due",
        help_text="Empty: what consolidated billings move to their own due dates",
    )
    due_on = models.DateField()
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    documents = models.IntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["due_on"], name="issued_due_by_day")]

    def __str__(self) -> str:
        return f"due {self.due_on} of run {self.run_id or 'none'}"


class RunControl(models.Model):
    """The control totals of a run as they were last added up from all its documents (billing-rules 12.5).

    `controls` is what was found, by currency; `unreached` why the other system could not be asked. `made_of` is what
    the run was like then: where it is like that no longer, they are to be added up again.
    """

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.CASCADE, related_name="control")
    controls = models.JSONField()
    unreached = models.TextField(blank=True)
    made_of = models.JSONField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"control totals of run {self.run_id} at {self.made_at}"
