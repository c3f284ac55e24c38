"""What is on its way out, and what became of it."""

from __future__ import annotations

from django.db import models

from counterfoil.records.billing.integrity import references_exist
from counterfoil.records.billing.models import ConsolidatedBilling, Invoice
from counterfoil.records.deliveries.statements import (
    OPEN_STATES,
    DeliveryState,
    StatementDelivery,
    StatementRound,
)
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import BillingCustomer

__all__ = [
    "EMAIL",
    "OPEN_STATES",
    "UNDELIVERED",
    "BillingDelivery",
    "Delivery",
    "DeliveryState",
    "Mail",
    "PrintBatch",
    "StatementDelivery",
    "StatementRound",
]


EMAIL = "email"
TO_SEND_AGAIN = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)
UNDELIVERED = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.FAILED, DeliveryState.UNCERTAIN)


class Delivery(models.Model):
    """One document on its way over one channel: `email`, or a connector's name.

    *Sending* is stored before the other side is asked, so that after a crash nothing is taken for unsent:
    connectors are asked by our reference, e-mails become *uncertain* and only a person resends (12.6).
    *Cancelled*: the document was voided before it left the house.
    """

    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="deliveries", db_constraint=False, db_index=False
    )
    channel = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    recipient = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    external_number = models.CharField(max_length=100, blank=True)
    detail = models.TextField(blank=True, help_text="What the other side said when it refused")
    queued_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["channel", "state", "id"], name="delivery_by_state"),
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=UNDELIVERED),
                name="delivery_undelivered",
            ),
            models.Index(
                fields=["external_number"],
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(external_number=""),
                name="delivery_by_external_number",
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["invoice", "channel"], name="delivery_once_a_channel")]
        triggers = [references_exist("delivery_references_exist", invoice_id="billing_invoice")]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} by {self.channel}: {self.state}"


class Mail(models.Model):
    """One e-mail of a delivery, a consolidated billing or a statement, in the log: to whom, when, what became of it.

    A delivery that is sent again has another one; `asked_by` and `reason` say who wanted that. At most one of a
    delivery is open, which is queued or on its way.
    """

    delivery = models.ForeignKey(
        Delivery, null=True, blank=True, on_delete=models.PROTECT, related_name="mails"
    )
    billing = models.ForeignKey(
        "BillingDelivery", null=True, blank=True, on_delete=models.PROTECT, related_name="mails"
    )
    statement = models.ForeignKey(
        StatementDelivery, null=True, blank=True, on_delete=models.PROTECT, related_name="mails"
    )
    customer = models.ForeignKey(BillingCustomer, on_delete=models.PROTECT, related_name="mails")
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.SENDING)
    recipients = models.TextField(help_text="Separated by ;")
    subject = models.TextField(blank=True)
    message_id = models.CharField(max_length=300, blank=True)
    detail = models.TextField(blank=True, help_text="What the mail server said")
    asked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "id"], name="mail_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["delivery"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="mail_open_once_a_delivery",
            ),
            models.UniqueConstraint(
                fields=["billing"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="mail_open_once_a_billing",
            ),
            models.UniqueConstraint(
                fields=["statement"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="mail_open_once_a_statement",
            ),
            models.CheckConstraint(
                condition=models.Q(delivery__isnull=False, billing__isnull=True, statement__isnull=True)
                | models.Q(delivery__isnull=True, billing__isnull=False, statement__isnull=True)
                | models.Q(delivery__isnull=True, billing__isnull=True, statement__isnull=False),
                name="mail_is_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"mail to {self.recipients}: {self.state}"


class BillingDelivery(models.Model):
    """A consolidated billing on its way to its customer, with a copy of each member; as `Delivery` otherwise."""

    billing = models.ForeignKey(
        ConsolidatedBilling,
        on_delete=models.PROTECT,
        related_name="deliveries",
        db_constraint=False,
        db_index=False,
    )
    channel = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    recipient = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    detail = models.TextField(blank=True, help_text="What the other side said when it refused")
    queued_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    left_at = models.DateTimeField(
        null=True, help_text="When it was first sent, or may have been; it stays when it is queued again"
    )

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "billing deliveries"
        indexes = [
            models.Index(fields=["channel", "state", "id"], name="billing_delivery_by_state"),
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=UNDELIVERED),
                name="billing_delivery_undelivered",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["billing", "channel"], name="billing_delivery_once_a_channel")
        ]
        triggers = [
            references_exist("billing_delivery_references_exist", billing_id="billing_consolidatedbilling")
        ]

    def __str__(self) -> str:
        return f"billing {self.billing_id} by {self.channel}: {self.state}"


class PrintBatch(models.Model):
    """Documents to be printed together, in parts that fit into memory; the files are in the installation's folder."""

    title = models.CharField(max_length=200)
    invoices = models.JSONField(help_text="Ids of the documents, in the order in which they are printed")
    billings = models.JSONField(
        default=list, db_default=[], help_text="Ids of consolidated billings, printed in place of documents"
    )
    documents = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0, help_text="Documents whose part is written")
    asked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When its last part was written, or it failed"
    )
    failure = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["asked_by", "ended_at"], name="print_batch_by_end"),
        ]
        verbose_name_plural = "print batches"

    def __str__(self) -> str:
        return self.title
