"""The form of a batch definition: its rules for days and its schedule are chosen, not written."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.connectors.registry import CONNECTORS
from counterfoil.core.dating import CUTOFF_BASES, MOST_DAYS, DayBase, DayRule, parse_day_rule
from counterfoil.core.schedules import LAST_DAY, WEEKDAYS, Every, UsualSchedule, usual
from counterfoil.flows import defining
from counterfoil.flows.billing.requesting import BILLED_KINDS
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.catalog.models import ChargePeriod, Kind, MasterCharge
from counterfoil.records.charges.queries import length_of
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.organisation.queries import given_branches, within_branches
from counterfoil.web.layout.editing import WordedForm
from counterfoil.web.naming import DAY_BASES
from counterfoil.web.saying import said

NEVER, BY_CRON = "", "cron"
CONNECTOR_NAMES = {"csv": _("CSV files")}
EVERY = [
    (NEVER, _("Never: somebody starts it")),
    (Every.DAY.value, _("Every day")),
    (Every.WEEK.value, _("Every week")),
    (Every.MONTH.value, _("Every month")),
    (Every.QUARTER.value, _("Every quarter: January, April, July, October")),
    (BY_CRON, _("As cron writes it")),
]
FIRST_TIME = time(6)
ONLY_AUTHORISERS = _(
    "Only somebody who may authorise runs switches this: an approver, on the page of the definition"
)

# The fields of the record that the form puts together itself, and where what is wrong with them is shown.
SHOWN_AT = {"cutoff_rule": "cutoff_base", "invoice_date_rule": "date_base", "schedule": "schedule_every"}
OWN = [
    "name",
    "title",
    "kinds",
    "payer",
    "branch",
    "customer_group",
    "period_lengths",
    "master_charges",
    "grouping",
    "credit_basis",
]
FURTHER = [
    "past_periods_allowed",
    "amalgamated",
    "keeps_zero",
    "connector",
    "send_email",
    "attaches_summary",
    "authorised",
    "is_active",
]
STORED = [*OWN, *FURTHER, *SHOWN_AT]


def _bases(bases: Any) -> list[tuple[str, str]]:
    return [(base.value, DAY_BASES[base.value]) for base in bases]


def _days() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Days later"),
        required=False,
        min_value=-MOST_DAYS,
        max_value=MOST_DAYS,
        help_text=_("Below 0: earlier"),
    )


class CodesField(forms.CharField):
    """Master charges, typed as their codes with commas between; what is stored are their ids."""

    def prepare_value(self, value: Any) -> Any:
        """Return the codes of the master charges with the ids *value*; what was typed stays."""
        if not isinstance(value, list):
            return value
        codes = MasterCharge.objects.filter(pk__in=value).order_by("code").values_list("code", flat=True)
        return ", ".join(codes)

    def to_python(self, value: Any) -> Any:
        """Return the ids of the codes typed."""
        words = [word.strip() for word in super().to_python(value).split(",")]
        try:
            return defining.masters_called([word for word in words if word])
        except defining.NoSuchMaster as refusal:
            raise forms.ValidationError(said(refusal)) from refusal


def lengths_there_are() -> list[str]:
    """Return how long charge periods are, counted in months or days, each once, the shortest first."""
    return defining.lengths_counted([length_of(period) for period in ChargePeriod.objects.all()])


class DefinitionForm(WordedForm):
    """A batch definition; what it would bill today, and when it runs next, is shown while it is typed."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("Small letters, digits and hyphens: programs name it so"),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of charge and event"),
        choices=[(kind, Kind(kind).label) for kind in BILLED_KINDS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    period_lengths = forms.MultipleChoiceField(
        label=_("Charge periods"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: of any length. Events have none, and are billed whatever is ticked here"),
    )
    master_charges = CodesField(
        label=_("Master charges"),
        required=False,
        help_text=_("Their codes, with commas between. Empty: all"),
    )
    cutoff_base = forms.ChoiceField(
        label=_("Cut-off"),
        choices=_bases(CUTOFF_BASES),
        help_text=_("Everything with a bill date up to it is billed"),
    )
    cutoff_days = _days()
    date_base = forms.ChoiceField(label=_("Invoice date"), choices=_bases(DayBase))
    date_days = _days()
    connector = forms.ChoiceField(
        label=_("Documents go to"),
        choices=[*((name, CONNECTOR_NAMES.get(name, name)) for name in CONNECTORS), ("", _("Nowhere"))],
        initial="csv",
        required=False,
    )
    schedule_every = forms.ChoiceField(label=_("Starts by itself"), choices=EVERY, required=False)
    schedule_weekday = forms.TypedChoiceField(
        label=_("On"), choices=[(str(n), day) for n, day in enumerate(WEEKDAYS)], coerce=int, required=False
    )
    schedule_day = forms.TypedChoiceField(
        label=_("On day"),
        choices=[*((str(n), str(n)) for n in range(1, 32)), (str(LAST_DAY), _("the last"))],
        coerce=int,
        required=False,
        help_text=_("A month without that day has no run. Choose the last day instead"),
    )
    schedule_time = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    schedule_cron = forms.CharField(
        label=_("Schedule"),
        required=False,
        max_length=100,
        help_text=_(
            "Minute, hour, day of the month, month, weekday: 0 6 1 * * is every month on day 1 at 06:00"
        ),
    )

    class Meta:
        model = BatchDefinition
        fields = [*OWN, *FURTHER]
        labels = {
            "payer": _("Who pays"),
            "grouping": _("Invoices"),
            "amalgamated": _("One line a tax category and rate"),
            "keeps_zero": _("Keep invoices of 0.00"),
            "credit_basis": _("Credits"),
            "past_periods_allowed": _("Past periods allowed"),
            "send_email": _("Send by e-mail to customers who want it so"),
            "attaches_summary": _("Attach the charge summary to e-mails"),
            "authorised": _("Authorised: issue and deliver without review"),
            "is_active": _("Is active"),
        }
        help_texts = {
            "branch": "",
            "customer_group": "",
            "amalgamated": _("The breakdown is attached to the invoice as its charge summary"),
            "attaches_summary": _(
                "A second PDF beside every invoice: its single lines, by client. Invoices of one line a tax category "
                "and rate have it in any case"
            ),
            "credit_basis": _("Other than billing: days billed and no longer served are given back"),
            "keeps_zero": _("They are stored without a number and not delivered"),
            "past_periods_allowed": _(
                "More unbilled past periods on one charge are set aside, to be confirmed"
            ),
            "authorised": _("Where four eyes are wanted, a second person authorises all the same"),
        }

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        definition: BatchDefinition = self.instance
        self.initial |= _chosen(definition)
        if definition.pk is None and not definition.kinds and not definition.name:
            self.initial["kinds"] = [Kind.SERVICE.value]
        if not defining.may_authorise(user):
            self.fields["authorised"].disabled = True
            self.fields["authorised"].help_text = ONLY_AUTHORISERS
        lengths = [*lengths_there_are(), *definition.period_lengths]
        chosen: Any = self.fields["period_lengths"]
        chosen.choices = [(length, length) for length in dict.fromkeys(lengths)]
        branch: Any = self.fields["branch"]
        branch.queryset = within_branches(Branch.objects.all(), user=user, path="pk")
        branch.required = bool(given_branches(user))
        branch.empty_label = None if branch.required else gettext("Every branch")
        self.fields["customer_group"].empty_label = gettext("Whatever group")  # type: ignore[attr-defined]

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the name to the rule that web, command line and API share."""
        return {*super()._get_validation_exclusions(), "name"}  # type: ignore[misc]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        definition: BatchDefinition = self.instance
        given = self.cleaned_data
        if not {"cutoff_base", "cutoff_days"} & set(self.errors):
            definition.cutoff_rule = _rule(given["cutoff_base"], given["cutoff_days"])
        if not {"date_base", "date_days"} & set(self.errors):
            definition.invoice_date_rule = _rule(given["date_base"], given["date_days"])
        if not any(name.startswith("schedule") for name in self.errors):
            definition.schedule = _schedule(given)
        for field, refusal in defining.faults(definition):
            shown_at = SHOWN_AT.get(field, field)
            if field == "schedule" and given.get("schedule_every") == BY_CRON:
                shown_at = "schedule_cron"
            if shown_at not in self.errors:
                self.add_error(shown_at, said(refusal))


def _rule(base: str, days: int | None) -> str:
    return str(DayRule(base=DayBase(base), days=days or 0))


def _schedule(given: dict[str, Any]) -> str:
    """Return the five fields of what is chosen."""
    every, at = given["schedule_every"], given["schedule_time"] or FIRST_TIME
    if every == BY_CRON:
        return given["schedule_cron"] or "nothing"
    if every == NEVER:
        return ""
    weekday, day = given["schedule_weekday"], given["schedule_day"]
    chosen = UsualSchedule(
        every=Every(every),
        hour=at.hour,
        minute=at.minute,
        weekday=1 if weekday == "" else weekday,
        day=1 if day == "" else day,
    )
    return chosen.cron


def _chosen(definition: BatchDefinition) -> dict[str, Any]:
    """Return what is chosen in the fields that the record does not have itself."""
    cutoff = parse_day_rule(definition.cutoff_rule)
    dated = parse_day_rule(definition.invoice_date_rule, knows_cutoff=True)
    found = usual(definition.schedule)
    every: str = found.every if found else BY_CRON if definition.schedule else NEVER
    return {
        "cutoff_base": cutoff.base.value,
        "cutoff_days": cutoff.days or None,
        "date_base": dated.base.value,
        "date_days": dated.days or None,
        "schedule_every": str(every),
        "schedule_weekday": found.weekday if found else 1,
        "schedule_day": found.day if found else 1,
        "schedule_time": time(found.hour, found.minute) if found else FIRST_TIME,
        "schedule_cron": definition.schedule if every == BY_CRON else "",
    }
