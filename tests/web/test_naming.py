"""What has a name by its field, its kind or its code alone is called in the person's language, too."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from django import forms
from django.utils.functional import Promise

import counterfoil.web
from counterfoil.core.dating import DayBase
from counterfoil.core.findings import FindingCode
from counterfoil.core.recipients import MailKind
from counterfoil.flows.importing.kinds import KINDS
from counterfoil.records.organisation.trail import event_models
from counterfoil.web import naming

NO_PAGES = (".translating", ".vendoring", ".locale")


def test_every_audited_record_and_field_has_a_name() -> None:
    models = [model.pgh_tracked_model for model in event_models().values()]
    fields = {
        str(event.pgh_tracked_model._meta.get_field(field.name).verbose_name)
        .removesuffix(" minor")
        .capitalize()
        for event in event_models().values()
        for field in event._meta.fields
        if not field.name.startswith("pgh_")
    }
    assert sorted(fields - naming.FIELD_NAMES) == []
    assert (
        sorted({str(model._meta.verbose_name).capitalize() for model in models} - naming.RECORD_NAMES) == []
    )


def test_every_code_that_pages_show_has_its_words() -> None:
    assert set(naming.FINDINGS) == set(FindingCode)
    assert set(naming.FILES) == set(KINDS)
    assert set(naming.DAY_BASES) == {base.value for base in DayBase}
    assert set(naming.MAILS) == {kind.value for kind in MailKind}


def test_every_field_of_a_form_speaks_the_persons_language() -> None:
    assert [f"{form.__qualname__}.{told}" for form in _forms() for told in _plain(form)] == []


def _forms() -> Iterator[type[forms.BaseForm]]:
    for module in pkgutil.walk_packages(counterfoil.web.__path__, "counterfoil.web."):
        if not any(part in module.name for part in NO_PAGES):
            importlib.import_module(module.name)
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith("counterfoil.web"):
            yield form


def _plain(form: type[forms.BaseForm]) -> Iterator[str]:
    """Yield what of the fields of *form* is said in one language alone."""
    is_of_record = issubclass(form, forms.ModelForm)
    for name, field in form.base_fields.items():
        label = str(field.label or name.replace("_", " ")).capitalize()
        is_known = is_of_record and label in naming.FIELD_NAMES
        if not isinstance(field.label, Promise) and not is_known and not field.widget.is_hidden:
            yield f"{name}: {label}"
        if field.help_text and not isinstance(field.help_text, Promise):
            yield f"{name}: {field.help_text}"
