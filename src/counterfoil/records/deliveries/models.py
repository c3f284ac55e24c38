"""What is on its way out, and what became of it."""

from __future__ import annotations

from django.db import models

from counterfoil.records.billing.integrity import references_exist
from counterfoil.records.billing.models import Invoice


class DeliveryState(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNCERTAIN = "uncertain", "Uncertain"
    CANCELLED = "cancelled", "Cancelled"


EMAIL = "email"
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
        ]
        constraints = [models.UniqueConstraint(fields=["invoice", "channel"], name="delivery_once_a_channel")]
        triggers = [references_exist("delivery_references_exist", invoice_id="billing_invoice")]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} by {self.channel}: {self.state}"
