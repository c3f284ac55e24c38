"""What a run differs by from the one before it: computed once when it is generated, read at every look (C3)."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing.running import Run
from counterfoil.records.charges.models import Charge, EventCharge
from counterfoil.records.parties.models import BillingCustomer, Client

PARTS = ("new", "gone", "due_again", "not_due", "period", "price", "quantity", "tax", "discount", "other")


class VarianceReason(models.TextChoices):
    NEW = "new", _("New")
    GONE = "gone", _("Gone")
    DUE_AGAIN = "due_again", _("Due again")
    NOT_DUE = "not_due", _("Not due this time")
    PERIOD = "period", _("Period")
    PRICE = "price", _("Price")
    QUANTITY = "quantity", _("Quantity")
    TAX = "tax", _("Tax in the price")
    DISCOUNT = "discount", _("Discount")
    OTHER = "other", _("Other")
    SAME = "same", _("As last time")


class RunComparison(models.Model):
    """That *run* was compared with *before*, and when. Derived: it can be computed anew at any time.

    `dropped` is how many of the run's drafts were excluded or replaced by then; once there are more, the
    comparison is made anew.
    """

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.CASCADE, related_name="comparison")
    before = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="compared_later")
    dropped = models.PositiveIntegerField()
    compared_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"run {self.run_id} against run {self.before_id}"


class Difference(models.Model):
    """Net amounts in minor units of `currency`: last time, now, and the parts of the difference."""

    currency = models.CharField(max_length=3)
    before_minor = models.BigIntegerField()
    now_minor = models.BigIntegerField()
    difference_minor = models.BigIntegerField()
    new_minor = models.BigIntegerField()
    gone_minor = models.BigIntegerField()
    due_again_minor = models.BigIntegerField()
    not_due_minor = models.BigIntegerField()
    period_minor = models.BigIntegerField()
    price_minor = models.BigIntegerField()
    quantity_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    other_minor = models.BigIntegerField()

    class Meta:
        abstract = True

    def parts(self) -> dict[str, int]:
        """Return the parts that are not 0, in the order the difference is walked."""
        amounts = {part: getattr(self, f"{part}_minor") for part in PARTS}
        return {part: amount for part, amount in amounts.items() if amount}


def _adds_up(name: str) -> models.CheckConstraint:
    """Return the constraint that a row's parts are its difference."""
    parts = F(f"{PARTS[0]}_minor")
    for part in PARTS[1:]:
        parts = parts + F(f"{part}_minor")  # type: ignore[assignment]
    holds = models.Q(difference_minor=parts) & models.Q(difference_minor=F("now_minor") - F("before_minor"))
    return models.CheckConstraint(condition=holds, name=name)


class VarianceTotal(Difference):
    """What a run differs by in one currency, and by how many lines of each reason."""

    comparison = models.ForeignKey(RunComparison, on_delete=models.CASCADE, related_name="totals")
    new_lines = models.PositiveIntegerField()
    gone_lines = models.PositiveIntegerField()
    due_again_lines = models.PositiveIntegerField()
    not_due_lines = models.PositiveIntegerField()
    period_lines = models.PositiveIntegerField()
    price_lines = models.PositiveIntegerField()
    quantity_lines = models.PositiveIntegerField()
    tax_lines = models.PositiveIntegerField()
    discount_lines = models.PositiveIntegerField()
    other_lines = models.PositiveIntegerField()
    same_lines = models.PositiveIntegerField()

    @property
    def lines_that_differ(self) -> int:
        """Return how many lines differ, for whatever reason: so many rows of `LineVariance` there are."""
        return sum(getattr(self, f"{part}_lines") for part in PARTS)

    class Meta:
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["comparison", "currency"], name="variance_once_a_currency"),
            _adds_up("variance_total_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} of {self.comparison}"


class CustomerVariance(Difference):
    """What a run differs by for one customer and currency; `reason` is the part that weighs most."""

    comparison = models.ForeignKey(
        RunComparison, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="customers"
    )
    customer = models.ForeignKey(
        BillingCustomer, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    reason = models.CharField(max_length=9, choices=VarianceReason.choices)

    class Meta:
        ordering = ["customer_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "customer", "currency"], name="variance_once_a_customer"
            )
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id} of {self.comparison}"


class LineVariance(Difference):
    """How one line of a run differs from the line of the run before; only those that do are kept.

    `line_id` None: the line is gone, or not due; `before_line_id` None: it is new, due again, or a further period.
    """

    comparison = models.ForeignKey(
        RunComparison, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="lines"
    )
    line_id = models.BigIntegerField(null=True)
    before_line_id = models.BigIntegerField(null=True)
    customer = models.ForeignKey(
        BillingCustomer, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    charge = models.ForeignKey(
        Charge, null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    event_charge = models.ForeignKey(
        EventCharge,
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    kind = models.CharField(max_length=10)
    reason = models.CharField(max_length=9, choices=VarianceReason.choices)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["comparison", "id"], name="variance_by_comparison"),
            models.Index(fields=["comparison", "reason", "id"], name="variance_by_reason"),
            models.Index(fields=["customer", "comparison"], name="variance_by_customer"),
            models.Index(fields=["client", "comparison"], name="variance_by_client"),
            models.Index(fields=["charge", "comparison"], name="variance_by_charge"),
        ]

    def __str__(self) -> str:
        return f"line {self.line_id or self.before_line_id} of {self.comparison}"
