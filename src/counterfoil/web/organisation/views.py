"""The page of the organisation: what stands on its documents, and how it stands to the tax."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from counterfoil.core.refusals import Refusal
from counterfoil.core.terms import parse_terms
from counterfoil.records.organisation.models import Organisation, Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.web.access import needs
from counterfoil.web.layout.editing import edit_page, posted


class OrganisationForm(forms.ModelForm):
    """The organisation. Documents issued before keep what they said."""

    two_factor_roles = forms.MultipleChoiceField(
        label="Second factor needed by",
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Whoever has one of these roles sets an authenticator app up before anything else",
    )
    website = forms.URLField(assume_scheme="https", required=False)

    class Meta:
        model = Organisation
        fields = [
            "name",
            "legal_name",
            "address",
            "postcode",
            "city",
            "tax_id",
            "tax_status",
            "registration",
            "email",
            "phone",
            "website",
            "iban",
            "bic",
            "payment_terms",
            "two_factor_roles",
        ]
        labels = {"tax_id": "Tax id", "tax_status": "Tax status", "iban": "IBAN", "bic": "BIC"}
        help_texts = {
            "tax_status": "Other than standard: no customer is charged tax",
            "payment_terms": "Unless the customer has others, for example 14 days",
        }

    def clean_payment_terms(self) -> str:
        """Refuse terms that cannot be counted."""
        terms = str(self.cleaned_data["payment_terms"])
        try:
            parse_terms(terms)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return terms


@needs(Role.ADMINISTRATOR)
def organisation(request: HttpRequest) -> HttpResponse:
    """Show and change it."""
    form = OrganisationForm(posted(request), instance=the_organisation())
    here = reverse("organisation")
    return edit_page(
        request,
        form=form,
        title="Organisation",
        verb="Store changes",
        back=reverse("dashboard"),
        done=lambda _: here,
    )
