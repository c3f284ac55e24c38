"""The legal entity that issues, its branches, and the people who work in it."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from counterfoil.core.document import USUAL_LINE_COLUMNS
from counterfoil.core.links import CUSTOMER_PLACEHOLDERS, INVOICE_PLACEHOLDERS, check_link_template
from counterfoil.core.money import Rounding
from counterfoil.core.paying import CustomerMode
from counterfoil.core.refusals import Refusal
from counterfoil.records.audit import audited, insert_only
from counterfoil.records.organisation.file_imports import FileImport, FileImportPiece
from counterfoil.records.organisation.trail import Change

# Models as well: the rows of `Change` are the trail as a whole.
__all__ = ["Change", "FileImport", "FileImportPiece"]


class TaxStatus(models.TextChoices):
    STANDARD = "standard", _("Standard")
    ZERO = "zero", _("Zero rated")
    EXEMPT = "exempt", _("Exempt")
    REVERSE_CHARGE = "reverse_charge", _("Reverse charge")
    OUT_OF_SCOPE = "out_of_scope", _("Out of scope")


class Logo(models.Model):
    """A picture that documents show, made harmless before it came here. Never changed: documents issued keep theirs."""

    content = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the content")
    uploaded_at = models.DateTimeField()

    class Meta:
        triggers = [insert_only("logo_insert_only")]

    def __str__(self) -> str:
        return f"logo {self.digest[:12]}"


def _checked_template(template: str, *, placeholders: tuple[str, ...]) -> None:
    try:
        check_link_template(template, placeholders=placeholders)
    except Refusal as refusal:
        raise ValidationError(str(refusal)) from refusal


def customer_template(template: str) -> None:
    """Refuse what is no template of a customer's page."""
    _checked_template(template, placeholders=CUSTOMER_PLACEHOLDERS)


def invoice_template(template: str) -> None:
    """Refuse what is no template of an invoice's page."""
    _checked_template(template, placeholders=INVOICE_PLACEHOLDERS)


@audited()
class BillingLink(models.Model):
    """Where another system shows a customer and an invoice: templates of addresses, either may be empty."""

    name = models.CharField(max_length=60, unique=True)
    customer_page = models.CharField(max_length=500, blank=True, validators=[customer_template])
    invoice_page = models.CharField(max_length=500, blank=True, validators=[invoice_template])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def usual_line_columns() -> list[str]:
    """Return the columns of a document's lines where nobody chose any."""
    return list(USUAL_LINE_COLUMNS)


@audited()
class Organisation(models.Model):
    """The legal entity that issues the documents. An installation holds exactly one."""

    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, help_text="ISO 3166 code, for example IE")
    tax_id = models.CharField(max_length=40, blank=True)
    registration = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True, help_text=_("Sender of invoices"))
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    bank_name = models.CharField(max_length=100, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    payment_note = models.TextField(blank=True)
    footer = models.TextField(blank=True)
    accent_color = models.CharField(max_length=7, default="#1f4e79")
    logo = models.ForeignKey(Logo, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    line_columns = models.JSONField(
        default=usual_line_columns,
        db_default=models.Value(list(USUAL_LINE_COLUMNS), models.JSONField()),
        help_text="Which documents' lines may have",
    )
    billing_link = models.ForeignKey(
        BillingLink,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Of customers without one of their own",
    )
    currency = models.CharField(max_length=3, default="EUR")
    timezone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=10, default="en")
    rounding = models.CharField(
        max_length=10, choices=[(r.value, r.value) for r in Rounding], default=Rounding.HALF_AWAY.value
    )
    payment_terms = models.CharField(max_length=60, default="14 days")
    text_ledger_code = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("Of lines of sales invoices without a master charge, unless they name another"),
    )
    tax_status = models.CharField(
        max_length=20,
        choices=TaxStatus.choices,
        default=TaxStatus.STANDARD,
        db_default=TaxStatus.STANDARD.value,
    )
    books_closed_before = models.DateField(
        null=True, blank=True, help_text="Documents may not be dated before it (billing-rules 7.5)"
    )
    customer_mode = models.CharField(
        max_length=8,
        choices=[(mode.value, mode.value.capitalize()) for mode in CustomerMode],
        default=CustomerMode.STANDARD.value,
        db_default=CustomerMode.STANDARD.value,
        editable=False,
    )
    four_eyes = models.BooleanField(default=False, help_text="Nobody authorises a run they generated")
    two_factor_roles = models.JSONField(
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
        blank=True,
        help_text="Whoever has one of these roles signs in with a second factor",
    )
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="only_one_organisation"),
            models.CheckConstraint(
                condition=models.Q(currency__regex="^[A-Z]{3}$"), name="currency_is_a_code"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_legacy(self) -> bool:
        """Return whether clients and dealers have accounts of their own (product B2)."""
        return self.customer_mode == CustomerMode.LEGACY


@audited()
class DocumentTexts(models.Model):
    """What the organisation writes on its documents and mails in one language; empty is nothing, or our own words."""

    language = models.CharField(max_length=10, unique=True)
    header = models.TextField(blank=True)
    payment_note = models.TextField(blank=True)
    footer = models.TextField(blank=True)
    mail_subject = models.CharField(max_length=200, blank=True)
    mail_body = models.TextField(blank=True)

    class Meta:
        ordering = ["language"]
        verbose_name_plural = "document texts"

    def __str__(self) -> str:
        return f"texts in {self.language}"


@audited()
class Branch(models.Model):
    """A dimension of every document, with its own number series, and a limit on what a user sees."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, default=1)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "branches"

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    BILLER = "biller", _("Biller")
    APPROVER = "approver", _("Approver")
    ACCOUNTANT = "accountant", _("Accountant")
    ADMINISTRATOR = "administrator", _("Administrator")


@audited(exclude=["password", "last_login", "notices_seen_at"])
class User(AbstractUser):
    """A person who signs in. `branches` empty means: sees every branch."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)
    branches = models.ManyToManyField(Branch, blank=True, related_name="users")
    language = models.CharField(max_length=10, blank=True)
    notices_seen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="What came later is new to them"
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username


@audited()
class UserBranch(User.branches.through):  # type: ignore[name-defined, misc]
    """A branch that a user is limited to: `User.branches` in the audit trail."""

    class Meta:
        proxy = True

    def __str__(self) -> str:
        return f"{self.user}, {self.branch}"


@audited(exclude=["data", "last_used_at"])
class SecondFactor(Authenticator):
    """A user's app or recovery codes, in the audit trail without their secrets."""

    class Meta:
        proxy = True


@audited(exclude=["extra_data", "last_login"])
class SignOnLink(SocialAccount):
    """A user as single sign-on knows them, in the audit trail."""

    class Meta:
        proxy = True


@audited(exclude=["token_hash", "last_used_at"])
class ApiToken(models.Model):
    """A key for programs: shown once, kept as a hash, with scopes and an end."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list, help_text="Such as runs:read, runs:write")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class ApiAnswer(models.Model):
    """What a program was answered when it sent an idempotency key, so that a repetition is answered the same.

    Stored in the transaction that did the work, and forgotten after some days. Not audited: what was done is.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    answered_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="answer_once_a_key")]

    def __str__(self) -> str:
        return f"answer {self.status} to {self.key}"


class ListView(models.Model):
    """How a person likes to see a list: `query` is the address's filters, order and columns. Theirs alone.

    One without a name holds the columns they chose last, and no filters. Not audited: it is nobody else's business.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="list_views", db_index=False)
    listing = models.CharField(max_length=40)
    name = models.CharField(max_length=60, blank=True)
    query = models.CharField(max_length=2_000, blank=True)
    is_default = models.BooleanField(default=False, help_text="The list opens with it")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "listing", "name"], name="list_view_once_a_name"),
            models.UniqueConstraint(
                fields=["user", "listing"],
                condition=models.Q(is_default=True),
                name="list_opens_with_one_view",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seal(models.Model):
    """A batch of changes and issued documents, sealed together. Insert-only: see flows/sealing.py.

    `digest` is the SHA-256, in hex, of the digest before it and of the batch's ranges.
    """

    number = models.BigIntegerField(primary_key=True, help_text="Consecutive, from 1")
    sealed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        triggers = [insert_only("seals_are_never_changed")]

    def __str__(self) -> str:
        return f"seal {self.number}"


class SealedRange(models.Model):
    """Rows that a seal covers: those of `source` with a key above `above` and up to `up_to`. Insert-only.

    A source is the trail of a table, by its key, or the documents of a `series`, by their sequence. `columns` are
    those that were hashed, by table: columns that are added later change nothing.
    """

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="ranges")
    source = models.CharField(max_length=63)
    series = models.BigIntegerField(default=0, help_text="0 for trails")
    above = models.BigIntegerField()
    up_to = models.BigIntegerField()
    row_count = models.IntegerField()
    columns = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "series", "up_to"], name="sealed_once"),
        ]
        triggers = [insert_only("sealed_ranges_are_never_changed")]

    def __str__(self) -> str:
        return f"{self.source} {self.above + 1} to {self.up_to}"


class SealMark(models.Model):
    """How far a trail had been written once; sealed when every transaction of that time has ended.

    `before_xid` is the first transaction id that was not yet given then.
    """

    source = models.CharField(max_length=63, primary_key=True)
    up_to = models.BigIntegerField()
    before_xid = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.source} up to {self.up_to}"
