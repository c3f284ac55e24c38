"""The form of the documents' settings: one look, and texts by language."""

from __future__ import annotations

from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.core.document import LINE_COLUMNS
from counterfoil.core.refusals import Refusal
from counterfoil.documents.labels import labels_in
from counterfoil.documents.look import Look, Texts, UnusableLogo
from counterfoil.documents.pictures import MOST_BYTES, harmless_picture
from counterfoil.documents.placeholders import PLACEHOLDERS
from counterfoil.flows.document_settings import EVERY_LANGUAGE, Wanted, check_text, languages
from counterfoil.web.display import current_locale
from counterfoil.web.saying import said

COMMON = {"payment_note": _("Payment note"), "footer": _("Footer")}
TEXTS = {
    "header": (_("Header"), _("Above the lines")),
    "payment_note": (_("Payment note"), _("Below the total. Empty: the one of every language")),
    "footer": (
        _("Footer"),
        _("At the foot of every page, three lines at most. Empty: the one of every language"),
    ),
    "mail_subject": (_("E-mail subject"), _("Empty: our own, such as “Invoice INV-1 from …”")),
    "mail_body": (_("E-mail text"), _("Empty: our own. The amounts and your name follow by themselves")),
}
PLACEHOLDER_HELP = format_lazy(
    _("Every text may have {placeholders}"), placeholders=" ".join(f"{{{name}}}" for name in PLACEHOLDERS)
)


def _label(name: str) -> str:
    """Return what documents in the person's language call a column."""
    return labels_in(get_language() or "")[name]


lazy_label = lazy(_label, str)


class ColourInput(forms.TextInput):
    """A colour, picked or typed."""

    input_type = "color"


class LookForm(forms.Form):
    """How documents look: what it is about in every language, and the texts of each."""

    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or SVG, at most 500 KB. It is printed 16 mm high"),
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/svg+xml"}),
    )
    takes_logo_away = forms.BooleanField(label=_("Print no logo"), required=False)
    accent = forms.CharField(label=_("Colour"), widget=ColourInput({"class": "form-control-color"}))
    columns = forms.MultipleChoiceField(
        label=_("Columns of the lines"),
        choices=[(name, lazy_label(name)) for name in LINE_COLUMNS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "Description and net are always there. A column with nothing to say is left out by itself"
        ),
    )

    def __init__(self, data: Any = None, files: Any = None, *, look: Look) -> None:
        initial: dict[str, Any] = {"accent": look.accent, "columns": list(look.columns)}
        super().__init__(data, files, initial=initial)
        self.look = look
        if not look.logo:
            del self.fields["takes_logo_away"]
        common = {"payment_note": look.payment_text, "footer": look.footer_text}
        for name, label in COMMON.items():
            self._add(name, language=EVERY_LANGUAGE, label=label, text=common[name])
        for language in languages():
            own = look.texts.get(language, Texts())
            for name, (label, help_text) in TEXTS.items():
                label = f"{label}, {language_name(language)}"
                self._add(name, language=language, label=label, text=getattr(own, name), help_text=help_text)

    def clean_logo(self) -> bytes | None:
        """Return the picture made harmless, None for none."""
        file = self.cleaned_data["logo"]
        if not file:
            return None
        if file.size > MOST_BYTES:
            raise ValidationError(str(UnusableLogo()))
        try:
            return harmless_picture(file.read())
        except Refusal as refusal:
            raise ValidationError(said(refusal)) from refusal

    def clean_accent(self) -> str:
        """Refuse what is no colour."""
        accent = str(self.cleaned_data["accent"])
        try:
            return Look(accent=accent).accent
        except Refusal as refusal:
            raise ValidationError(said(refusal)) from refusal

    def clean(self) -> Any:
        """Refuse texts that cannot be printed, each at its field."""
        cleaned: Any = super().clean()
        for language, names in self._texts().items():
            for name, field in names.items():
                try:
                    check_text(name, cleaned.get(field, ""), language=language)
                except Refusal as refusal:
                    self.add_error(field, said(refusal))
        return cleaned

    def wanted(self) -> Wanted:
        """Return what the form, once it is right, asks for."""
        cleaned = self.cleaned_data
        logo = b"" if cleaned.get("takes_logo_away") else cleaned["logo"]
        texts = {
            language: {name: cleaned[field].replace("\r\n", "\n") for name, field in names.items()}
            for language, names in self._texts().items()
        }
        return Wanted(accent=cleaned["accent"], logo=logo, columns=cleaned["columns"], texts=texts)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields by heading: the look, then the texts by language."""
        look = ["logo", "takes_logo_away", "accent", "columns"]
        found = [(gettext("Look"), [self[name] for name in look if name in self.fields])]
        for language, names in self._texts().items():
            heading = (
                gettext("Texts in %(language_name)s") % {"language_name": language_name(language)}
                if language
                else gettext("Texts in every language")
            )
            found.append((heading, [self[field] for field in names.values()]))
        return found

    def _texts(self) -> dict[str, dict[str, str]]:
        """Return the fields of the texts, by language and name."""
        own = {lang: {name: f"{name}_{lang}" for name in TEXTS} for lang in languages()}
        return {EVERY_LANGUAGE: {name: name for name in COMMON}, **own}

    def _add(self, name: str, *, language: str, label: str, text: str, help_text: str = "") -> None:
        is_line = name == "mail_subject"
        field = forms.CharField(
            label=label,
            help_text=help_text,
            required=False,
            initial=text,
            widget=forms.TextInput()
            if is_line
            else forms.Textarea({"rows": 8 if name == "mail_body" else 2}),
        )
        self.fields[f"{name}_{language}" if language else name] = field


def language_name(language: str) -> str:
    """Return what *language* is called in the person's own."""
    return str(Locale(language).get_display_name(current_locale()) or language)
