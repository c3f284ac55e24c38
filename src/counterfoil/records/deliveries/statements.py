"""Statements of account on their way by e-mail, because a person said so (product D1, D2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import BillingCustomer


class DeliveryState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    UNCERTAIN = "uncertain", _("Uncertain")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_STATES = (DeliveryState.QUEUED, DeliveryState.SENDING)


class StatementRound(models.Model):
    """Statements asked for at once, as of `day`, listing documents from `since` on; one a customer."""

    day = models.DateField()
    since = models.DateField(null=True, blank=True)
    asked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"statements of {self.day}"

    @property
    def query(self) -> str:
        """Return the query by which a page shows the same days."""
        return f"?day={self.day}" + (f"&since={self.since}" if self.since else "")


class StatementDelivery(models.Model):
    """A customer's statement on its way. It is sent once: sent again, it is a delivery of another round.

    *Sending* is stored before the mail server is asked; after a crash it is *uncertain* (billing-rules 12.6).
    """

    round = models.ForeignKey(StatementRound, on_delete=models.PROTECT, related_name="deliveries")
    customer = models.ForeignKey(BillingCustomer, on_delete=models.PROTECT, related_name="statements")
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    recipient = models.TextField(help_text="Separated by ;")
    attempts = models.PositiveIntegerField(default=0)
    detail = models.TextField(blank=True, help_text="What the mail server said when it refused")
    queued_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "statement deliveries"
        indexes = [
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="statement_to_be_sent",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["failed", "uncertain"]),
                name="statement_not_sent",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["round", "customer"], name="statement_once_a_round"),
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="statement_open_once_a_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"statement to customer {self.customer_id}: {self.state}"
