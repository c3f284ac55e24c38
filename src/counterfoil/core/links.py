"""Addresses of pages in another system, written as templates: `https://erp.example/partners/{account}` (product B4).

Only the path and what follows it may have placeholders, and what is filled in is percent-encoded: whatever a name
holds, the link leads to the host that was written, by http or https.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from counterfoil.core.refusals import Refusal, shown

CUSTOMER_PLACEHOLDERS = ("account", "customer")
INVOICE_PLACEHOLDERS = ("number", "external_number", "reference", "id", "account", "customer")
SAMPLE = {
    "account": "C-10042",
    "customer": "Sample Customer Ltd",
    "number": "INV-2026-000123",
    "external_number": "4711",
    "reference": "counterfoil:invoice:123",
    "id": "123",
}
LONGEST_TEMPLATE = 500

_START = re.compile(
    r"https?://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(?=[/?#]|$)"
)
_ALLOWED = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%{}]*")
_BRACES = re.compile(r"\{([^{}]*)\}")


class NotALinkTemplate(Refusal):
    """{template} is not the address of a page. Write it as https://host/path, with placeholders after the host only
    and spaces as %20.
    """


class UnknownLinkPlaceholder(Refusal):
    """{placeholder} stands for nothing here. Known are {known}."""


def check_link_template(template: str, *, placeholders: tuple[str, ...]) -> None:
    """Raise `NotALinkTemplate` or `UnknownLinkPlaceholder` if *template* could not be followed; empty is no link."""
    if not template:
        return
    start = _START.match(template)
    bare = _BRACES.sub("", template)
    usable = start and len(template) <= LONGEST_TEMPLATE and _ALLOWED.fullmatch(template)
    if not usable or "{" in bare or "}" in bare:
        raise NotALinkTemplate(template=shown(template))
    for name in _BRACES.findall(template):
        if name not in placeholders:
            known = " ".join(f"{{{one}}}" for one in placeholders)
            raise UnknownLinkPlaceholder(placeholder=shown(f"{{{name}}}"), known=known)


def link(template: str, *, values: Mapping[str, str]) -> str:
    """Return the address that *template* gives for *values*; empty if one that it needs is empty or not there.

    Of a template that was never checked nothing is made either.
    """
    if not _START.match(template) or not all(values.get(name) for name in _BRACES.findall(template)):
        return ""
    return _BRACES.sub(lambda found: quote(values[found[1]], safe=""), template)
