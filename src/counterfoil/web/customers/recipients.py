"""Who gets what by e-mail: a row an address, ticks for what it gets, and rows left for more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, takewhile
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from counterfoil.core.recipients import MailKind, Recipient, listed_in, write_recipients
from counterfoil.web.naming import MAILS

ROWS_LEFT = 2


class RecipientsInput(forms.Widget):
    """A row an address. What is sent for rows without one is left out; the text itself is taken too."""

    is_group = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002  as Django calls it
        """Return the recipients that were typed, or the text where it was sent as that."""
        if f"{name}-0" not in data:
            return data.get(name)
        sent = takewhile(data.__contains__, (f"{name}-{nth}" for nth in count()))
        rows = [(data.get(row, "").strip(), data.getlist(f"{row}-gets")) for row in sent]
        known = set(MailKind)
        return [
            Recipient(address, frozenset(MailKind(word) for word in gets if word in known))
            for address, gets in rows
            if address
        ]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002
        """Return whether nothing was sent."""
        return name not in data and f"{name}-0" not in data

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002
    ) -> SafeString:
        """Return the rows."""
        rows = [*_listed(value), *[Recipient("")] * ROWS_LEFT]
        context = {
            "name": name,
            "rows": [
                (row.address, [(kind, MAILS[kind], kind in row.kinds) for kind in MailKind]) for row in rows
            ],
            "attrs": attrs or {},
        }
        return render_to_string("customers/recipients.html", context)


class RecipientsField(forms.CharField):
    """The recipients of a customer, as the text that is stored."""

    widget = RecipientsInput

    def clean(self, value: Any) -> str:
        """Return the text. What it may hold is said by `flows.admitting`."""
        if isinstance(value, list):
            idle = next((one for one in value if not one.kinds), None)
            if idle is not None:
                raise forms.ValidationError(
                    gettext("Tick what %(address)s gets, or leave the address out.")
                    % {"address": idle.address}
                )
            value = write_recipients(value)
        return str(super().clean(value))


def _listed(value: Any) -> Sequence[Recipient]:
    return value if isinstance(value, list) else listed_in(value or "")
