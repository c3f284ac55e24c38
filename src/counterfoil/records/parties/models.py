"""Who is invoiced, who is serviced, and who resells."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from counterfoil.core import consolidation as rules
from counterfoil.core.periods import Length
from counterfoil.records.audit import audited
from counterfoil.records.organisation.models import BillingLink, Branch, TaxStatus
from counterfoil.records.parties.contacts import Contact, LogNote

__all__ = [
    "BillingCustomer",
    "Client",
    "ConsolidationSettings",
    "Contact",
    "CustomerGroup",
    "Dealer",
    "DeliveryMethod",
    "LogNote",
    "PastCommissioning",
    "TaxStatus",
]


class DeliveryMethod(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PRINT = "print", pgettext_lazy("delivery method", "Print")
    EINVOICE = "einvoice", _("E-invoice")
    NONE = "none", pgettext_lazy("delivery method", "None")


@audited()
class CustomerGroup(models.Model):
    """Billing customers that belong together, so that a definition can select them. A customer is in one at most."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@audited(found_by="account")
class BillingCustomer(models.Model):
    """Who is invoiced and pays. `account` is the key into the accounting package."""

    account = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    email = models.TextField(blank=True, help_text="Several addresses are separated by ;")
    currency = models.CharField(max_length=3)
    country = models.CharField(max_length=2, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    tax_status = models.CharField(max_length=20, choices=TaxStatus.choices, default=TaxStatus.STANDARD)
    payment_terms = models.CharField(max_length=60, blank=True, help_text="Empty: the organisation's")
    delivery = models.CharField(max_length=10, choices=DeliveryMethod.choices, default=DeliveryMethod.EMAIL)
    language = models.CharField(max_length=10, blank=True)
    billing_link = models.ForeignKey(
        BillingLink,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="customers",
        help_text=_("Where the other system shows the customer. Empty: the organisation's"),
    )
    group = models.ForeignKey(
        CustomerGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="customers",
        verbose_name="customer group",
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="customers")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["account"]
        indexes = [models.Index(fields=["name", "id"], name="customer_by_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="customer_currency_is_a_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.name}"


@audited()
class ConsolidationSettings(models.Model):
    """How a customer's sales and service invoices are gathered into consolidated billings (billing-rules 8).

    Amounts are in the customer's currency. `next_date` is empty where the customer has none; `typed_date` is the
    one last typed by hand, from which cycles are counted (8.6).
    """

    customer = models.OneToOneField(
        BillingCustomer, primary_key=True, on_delete=models.CASCADE, related_name="consolidation"
    )
    is_used = models.BooleanField("Use consolidated billing", default=True)
    cycle = models.CharField(max_length=40, blank=True, help_text="For example 1 month; empty: none")
    next_date = models.DateField("Next consolidated billing date", null=True, blank=True)
    typed_date = models.DateField(null=True, blank=True, editable=False)
    minimum_minor = models.BigIntegerField(null=True, blank=True)
    limit_minor = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="Consolidated by themselves while they come to less (X in billing-rules 8)",
    )
    takes_sales = models.BooleanField("Sales invoices", default=False)
    takes_service = models.BooleanField("Service invoices", default=False)

    class Meta:
        verbose_name = "consolidated billing settings"
        verbose_name_plural = "consolidated billing settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(next_date__isnull=True) | Q(typed_date__isnull=False),
                name="next_date_was_typed_once",
            ),
            models.CheckConstraint(
                condition=Q(minimum_minor__isnull=True)
                | Q(limit_minor__isnull=True)
                | Q(minimum_minor__lt=F("limit_minor")),
                name="minimum_is_below_limit",
            ),
            models.CheckConstraint(
                condition=(Q(minimum_minor__isnull=True) | Q(minimum_minor__gt=0))
                & (Q(limit_minor__isnull=True) | Q(limit_minor__gt=0)),
                name="consolidation_amounts_are_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"consolidated billing of {self.customer}"

    def rules(self) -> rules.Settings:
        """Return the settings as the rules read them. Raises what `core.consolidation.Settings` does."""
        return rules.Settings(
            is_used=self.is_used,
            currency=self.customer.currency,
            cycle=Length.parse(self.cycle) if self.cycle else None,
            next_date=self.next_date,
            typed_date=self.typed_date,
            minimum_minor=self.minimum_minor,
            limit_minor=self.limit_minor,
            takes_sales=self.takes_sales,
            takes_service=self.takes_service,
        )


@audited()
class Dealer(models.Model):
    """A reseller that owns clients; a billing customer too where it pays for them: its account in legacy mode."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    customer = models.ForeignKey(
        BillingCustomer, null=True, blank=True, on_delete=models.PROTECT, related_name="dealers"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="dealers")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["name", "id"], name="dealer_by_name")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@audited(found_by="code")
class Client(models.Model):
    """A serviced account: a monitored site, a managed company, a machine's location.

    `customer` pays unless a charge says otherwise; in legacy customer mode it is the client's own account.
    Served from `commissioned_on` until the day before `decommissioned_on`; None is open. Times it was
    commissioned before are kept as `PastCommissioning`.

    An *own client* is no site: it stands for a billing customer or a dealer itself, so that what that is charged itself
    has a client like everything else. It is made when it is first needed (`flows.own_clients`), is of that
    customer or dealer for good, and follows its name, place, branch and who pays (`actions`).
    """

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    customer = models.ForeignKey(
        BillingCustomer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="clients",
        help_text="Who pays unless a charge says otherwise",
    )
    dealer = models.ForeignKey(
        Dealer, null=True, blank=True, on_delete=models.PROTECT, related_name="clients"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="clients")
    commissioned_on = models.DateField(null=True, blank=True)
    decommissioned_on = models.DateField(null=True, blank=True)
    own_of_customer = models.OneToOneField(
        BillingCustomer,
        verbose_name="stands for the customer",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="own_client",
    )
    own_of_dealer = models.OneToOneField(
        Dealer,
        verbose_name="stands for the dealer",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="own_client",
    )

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["name", "id"], name="client_by_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(own_of_customer__isnull=True) | Q(own_of_dealer__isnull=True),
                name="client_is_own_of_one",
            ),
            models.CheckConstraint(
                condition=Q(own_of_customer__isnull=True)
                | Q(customer__isnull=False, customer=F("own_of_customer"), dealer__isnull=True),
                name="own_client_is_paid_by_its_customer",
            ),
            models.CheckConstraint(
                condition=Q(own_of_dealer__isnull=True) | Q(dealer__isnull=False, dealer=F("own_of_dealer")),
                name="own_client_is_its_dealers",
            ),
            models.CheckConstraint(
                condition=Q(decommissioned_on__isnull=True)
                | Q(commissioned_on__isnull=True)
                | Q(decommissioned_on__gte=F("commissioned_on")),
                name="client_decommissioned_after_commissioned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_own(self) -> bool:
        """Return whether it stands for a billing customer or a dealer itself."""
        return self.own_of_customer_id is not None or self.own_of_dealer_id is not None

    @property
    def owner(self) -> BillingCustomer | Dealer | None:
        """Return whom it stands for, None for a site."""
        return self.own_of_customer or self.own_of_dealer


@audited()
class PastCommissioning(models.Model):
    """A time [`starts_on`, `ends_before`) a client was commissioned before the present one (billing-rules 2.1)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="past_commissionings")
    starts_on = models.DateField()
    ends_before = models.DateField()

    class Meta:
        ordering = ["client", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["client", "starts_on"], name="commissioned_once_a_day"),
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("ends_before")), name="past_commissioning_has_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.starts_on} to {self.ends_before}"
