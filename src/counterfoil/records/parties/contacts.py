"""Whom to speak to at a customer, client or dealer, and what was written down about them (product B3, B6)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from counterfoil.records.audit import audited
from counterfoil.records.organisation.models import User


@audited(found_by="name")
class Contact(models.Model):
    """Somebody to speak to. Where documents are sent is said by the customer, never here."""

    customer = models.ForeignKey(
        "parties.BillingCustomer", null=True, blank=True, on_delete=models.CASCADE, related_name="contacts"
    )
    client = models.ForeignKey(
        "parties.Client", null=True, blank=True, on_delete=models.CASCADE, related_name="contacts"
    )
    dealer = models.ForeignKey(
        "parties.Dealer", null=True, blank=True, on_delete=models.CASCADE, related_name="contacts"
    )
    name = models.CharField(max_length=200)
    function = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["name", "id"], name="contact_by_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, client__isnull=True, dealer__isnull=True)
                | Q(customer__isnull=True, client__isnull=False, dealer__isnull=True)
                | Q(customer__isnull=True, client__isnull=True, dealer__isnull=False),
                name="contact_is_of_one",
            ),
            models.UniqueConstraint(fields=["customer", "name"], name="contact_once_a_customer"),
            models.UniqueConstraint(fields=["client", "name"], name="contact_once_a_client"),
            models.UniqueConstraint(fields=["dealer", "name"], name="contact_once_a_dealer"),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class LogNote(models.Model):
    """Something written down about a customer, client or dealer, or about none for everybody (product B6).

    With `act_by` somebody is to act by that day; `is_done` says that it was done. `log_to_crm` is kept for the
    connector that carries notes to another system: what is about none is an opportunity there, with whom to reach.
    """

    customer = models.ForeignKey(
        "parties.BillingCustomer", null=True, blank=True, on_delete=models.PROTECT, related_name="notes"
    )
    dealer = models.ForeignKey(
        "parties.Dealer", null=True, blank=True, on_delete=models.PROTECT, related_name="notes"
    )
    client = models.ForeignKey(
        "parties.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="notes"
    )
    text = models.TextField()
    contact_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    contact_phone = models.CharField(max_length=60, blank=True, default="", db_default="")
    contact_email = models.EmailField(blank=True, default="", db_default="")
    act_by = models.DateField(null=True, blank=True)
    is_done = models.BooleanField(default=False, db_default=False)
    log_to_crm = models.BooleanField(default=False, db_default=False)
    written_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="notes"
    )
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["act_by", "id"],
                condition=Q(act_by__isnull=False, is_done=False),
                name="note_to_act_on",
            ),
            models.Index(
                fields=["written_by", "act_by"],
                condition=Q(act_by__isnull=False, is_done=False),
                name="note_to_act_on_by_writer",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=True, client__isnull=True)
                | Q(customer__isnull=True, dealer__isnull=True)
                | Q(client__isnull=True, dealer__isnull=True),
                name="note_is_about_one_at_most",
            )
        ]

    @property
    def about(self) -> models.Model | None:
        """Return the customer, client or dealer it is about."""
        return self.client or self.customer or self.dealer

    def __str__(self) -> str:
        return f"“{self.text if len(self.text) <= 60 else self.text[:59] + '…'}”"
