"""The page of the organisation: what stands on its documents, its currency and days, and who must look twice."""

from __future__ import annotations

from operator import itemgetter
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.core.currencies import MINOR_DIGITS
from counterfoil.core.money import Rounding
from counterfoil.flows.document_settings import languages
from counterfoil.flows.importing.values import countries
from counterfoil.flows.organising import SETTINGS
from counterfoil.records.organisation.models import Organisation, Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.web.access import needs
from counterfoil.web.display import current_locale
from counterfoil.web.documents.forms import language_name
from counterfoil.web.layout.editing import AdmittedForm, edit_page, posted


class OrganisationForm(AdmittedForm):
    """The organisation. Documents issued before keep what they said."""

    country = forms.ChoiceField(label=_("Country"))
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=[(code, code) for code in sorted(MINOR_DIGITS)],
        help_text=_("Of new customers and master charges; what there is already keeps its own"),
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name.replace("_", " ")) for name in sorted(available_timezones())],
        help_text=_("Where its days begin. Schedules go by its clocks, from their next run on"),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of documents and pages, for customers and people without one of their own"),
    )
    rounding = forms.ChoiceField(
        label=_("An exact half of a cent"),
        choices=[
            (Rounding.HALF_AWAY.value, _("goes away from zero (commercial rounding)")),
            (Rounding.HALF_EVEN.value, _("goes to the even cent (banker's rounding)")),
        ],
        help_text=_("Can be chosen before the first invoice only"),
    )
    two_factor_roles = forms.MultipleChoiceField(
        label=_("Second factor needed by"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Whoever has one of these roles sets an authenticator app up before anything else"),
    )
    website = forms.URLField(label=_("Website"), assume_scheme="https", required=False)

    class Meta:
        model = Organisation
        fields = SETTINGS
        labels = {
            "tax_id": _("Tax id"),
            "tax_status": _("Tax status"),
            "bank_name": _("Bank"),
            "iban": "IBAN",
            "bic": "BIC",
            "text_ledger_code": _("Ledger code of free text"),
            "four_eyes": _("Four eyes"),
        }
        help_texts = {
            "tax_status": _("Other than standard: no customer is charged tax"),
            "payment_terms": _("Unless the customer has others, for example 14 days"),
            "four_eyes": _("Nobody authorises a run that they generated, or whose drafts they changed"),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        named = current_locale().territories
        every = sorted(((code, named.get(code, code)) for code in countries()), key=itemgetter(1))
        self.fields["country"].choices = every  # type: ignore[attr-defined]
        known = dict.fromkeys([*languages(), self.instance.language])
        self.fields["language"].choices = [(code, language_name(code)) for code in known]  # type: ignore[attr-defined]


@needs(Role.ADMINISTRATOR)
def organisation(request: HttpRequest) -> HttpResponse:
    """Show and change it."""
    form = OrganisationForm(posted(request), instance=the_organisation())
    here = reverse("organisation")
    return edit_page(
        request,
        form=form,
        title=gettext("Organisation"),
        template="organisation/organisation.html",
        verb=gettext("Store changes"),
        back=reverse("dashboard"),
        done=lambda _: here,
    )
