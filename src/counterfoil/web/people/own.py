"""What a person chooses for themselves: the language of their pages."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.flows import people
from counterfoil.records.organisation.models import Role, User
from counterfoil.web.access import needs
from counterfoil.web.layout.editing import posted
from counterfoil.web.layout.frame import language_of


class OwnSettingsForm(forms.Form):
    """The one thing there is so far; the theme is chosen in the menu, and kept by the browser."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        help_text=_("Of your pages. Documents and e-mails to customers are in the customer's"),
    )

    def __init__(self, data: object = None, *, user: User) -> None:
        super().__init__(data, initial={"language": user.language})  # type: ignore[arg-type]
        known = list(settings.LANGUAGES)
        if user.language and user.language not in dict(known):
            known.append((user.language, user.language))
        self.fields["language"].choices = [("", gettext("The organisation's")), *known]  # type: ignore[attr-defined]


@needs(Role.VIEWER)
def own_settings(request: HttpRequest) -> HttpResponse:
    """Show what the person has chosen; store what they choose, which holds from the next page on."""
    user: User = request.user  # type: ignore[assignment]
    form = OwnSettingsForm(posted(request), user=user)
    here = reverse("own-settings")
    if form.is_valid():
        if form.has_changed():
            request.user = people.choose_language(user, form.cleaned_data["language"])
        with translation.override(language_of(request)):
            messages.success(request, gettext("Your pages are in this language from now on."))
        return HttpResponseRedirect(here)
    context = {
        "form": form,
        "title": gettext("Your settings"),
        "verb": gettext("Store changes"),
        "back": reverse("dashboard"),
    }
    return render(request, "counterfoil/layout/form.html", context)
