"""Consolidated billings: what waits for one, the batches and billings there are, and what each holds.

A billing is insert-only and posts nothing. An edit stores another revision and voids the one before it. Which
billing is live is told by `BillingVoid`; an invoice is in at most one live billing by a partial unique index.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from counterfoil.core.consolidation import FIRST_SEQ, Kind
from counterfoil.records.audit import audited, insert_only
from counterfoil.records.billing.integrity import references_exist
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.parties.models import BillingCustomer

KINDS = [(Kind.SALES.value, _("Sales invoice")), (Kind.SERVICE.value, _("Service invoice"))]


class QueuedInvoice(models.Model):
    """The mark that an issued document waits for a consolidated billing (billing-rules 8.1).

    It is made when the document is issued, goes when a billing takes the document in the same transaction, and is
    back when the billing is void. What it says of the document is copied: documents never change. Not audited:
    numbers, members, voids and `QueueChange` are its record.
    """

    invoice = models.OneToOneField(
        "Invoice", primary_key=True, on_delete=models.PROTECT, related_name="queued", db_constraint=False
    )
    customer = models.ForeignKey(
        BillingCustomer,
        on_delete=models.PROTECT,
        related_name="queued_invoices",
        db_constraint=False,
        db_index=False,
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=7, choices=KINDS)
    invoice_date = models.DateField()
    due_on = models.DateField(help_text="When its payment is due by itself")
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    is_locked = models.BooleanField(help_text="Only a release takes it off the queue (billing-rules 8.1)")

    class Meta:
        ordering = ["invoice"]
        indexes = [models.Index(fields=["customer", "invoice_date"], name="queued_by_customer_and_date")]
        triggers = [references_exist("queued_references_exist", invoice_id="billing_invoice")]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} waits"


class QueueChange(models.Model):
    """That somebody put a document on the queue, or took it off, and why. The newest one counts for a draft."""

    invoice = models.ForeignKey(
        "Invoice", on_delete=models.PROTECT, related_name="queue_changes", db_constraint=False
    )
    is_queued = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        triggers = [
            insert_only("queue_changes_are_never_changed"),
            references_exist("queue_change_references_exist", invoice_id="billing_invoice"),
        ]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} {'on' if self.is_queued else 'off'} the queue: {self.reason}"


@audited()
class BillingSequence(models.Model):
    """The next numbers of billings and of batches. There is one row; it is locked by who gives a number."""

    next_seq = models.BigIntegerField(default=FIRST_SEQ)
    next_batch = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="only_one_billing_sequence")]

    def __str__(self) -> str:
        return f"next billing B{self.next_seq}, next batch {self.next_batch}"


class ConsolidationBatch(models.Model):
    """Billings that were made together. Insert-only."""

    number = models.CharField(max_length=20, unique=True)
    description = models.CharField(max_length=300, blank=True)
    cutoff = models.DateField()
    billing_date = models.DateField()
    uses_next_date = models.BooleanField(
        help_text="Billings are dated the customer's next date, if it has one"
    )
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "consolidation batches"
        triggers = [insert_only("batches_are_never_changed")]

    def __str__(self) -> str:
        return f"batch {self.number}"


class ConsolidatedBilling(models.Model):
    """One revision of a consolidated billing, numbered B{seq}-{revision} (billing-rules 7.3). Insert-only."""

    seq = models.BigIntegerField()
    revision = models.PositiveIntegerField()
    number = models.CharField(max_length=40, unique=True)
    batch = models.ForeignKey(
        ConsolidationBatch, null=True, on_delete=models.PROTECT, related_name="billings", db_constraint=False
    )
    customer = models.ForeignKey(
        BillingCustomer,
        on_delete=models.PROTECT,
        related_name="consolidated_billings",
        db_constraint=False,
        db_index=False,
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    currency = models.CharField(max_length=3)
    billing_date = models.DateField()
    due_on = models.DateField()
    po_number = models.CharField(max_length=60, blank=True)
    description = models.CharField(max_length=300, blank=True)
    member_count = models.PositiveIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["customer", "id"], name="billing_by_customer")]
        constraints = [
            models.UniqueConstraint(fields=["seq", "revision"], name="billing_number_once"),
            models.CheckConstraint(condition=Q(member_count__gte=1), name="billing_has_a_member"),
        ]
        triggers = [
            insert_only("billings_are_never_changed"),
            references_exist(
                "billing_references_exist",
                batch_id="billing_consolidationbatch",
                customer_id="parties_billingcustomer",
                branch_id="organisation_branch",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class BillingVoid(models.Model):
    """That a billing is void: its members are eligible again. `replaced_by` is the revision that took its place."""

    billing = models.OneToOneField(
        ConsolidatedBilling, primary_key=True, on_delete=models.PROTECT, related_name="void"
    )
    reason = models.CharField(max_length=300, blank=True)
    voided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField()
    replaced_by = models.OneToOneField(
        ConsolidatedBilling, null=True, on_delete=models.PROTECT, related_name="replaces"
    )

    class Meta:
        triggers = [insert_only("billing_voids_are_never_changed")]

    def __str__(self) -> str:
        return f"billing {self.billing_id} void: {self.reason}"


class BillingMember(models.Model):
    """One document of a billing, in the order it is listed. `is_live` ends when the billing is void, for good."""

    billing = models.ForeignKey(
        ConsolidatedBilling,
        on_delete=models.PROTECT,
        related_name="members",
        db_constraint=False,
        db_index=False,
    )
    invoice = models.ForeignKey(
        "Invoice", on_delete=models.PROTECT, related_name="memberships", db_constraint=False, db_index=False
    )
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=7, choices=KINDS)
    was_locked = models.BooleanField()
    is_live = models.BooleanField(default=True)

    class Meta:
        ordering = ["billing_id", "position"]
        indexes = [
            models.Index(fields=["invoice"], condition=Q(is_live=False), name="member_by_invoice_once_void")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(is_live=True), name="member_of_one_live_billing"
            ),
            models.UniqueConstraint(fields=["billing", "position"], name="member_once_a_place"),
        ]
        triggers = [
            pgtrigger.Protect(name="members_are_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="members_only_end",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["is_live"]),
            ),
            pgtrigger.Protect(
                name="members_end_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__is_live=False),
            ),
            references_exist(
                "member_references_exist",
                billing_id="billing_consolidatedbilling",
                invoice_id="billing_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} in billing {self.billing_id}"
