"""Who of a customer's recipients gets what, in the database: `core.recipients` for many customers at once."""

from __future__ import annotations

# A text without brackets is the same for every kind, and most are.
_ADDRESSES = r"""
SELECT CASE WHEN strpos({text}, '(') = 0 THEN {text} ELSE (
    SELECT string_agg(btrim(split_part(part, '(', 1)), '; ' ORDER BY nth)
    FROM string_to_table({text}, ';') WITH ORDINALITY AS listed (part, nth)
    WHERE btrim(part) <> '' AND (strpos(part, '(') = 0 OR lower(part) ~ ('[(,]\s*' || {kind} || '\s*[,)]'))
) END AS addresses
"""


def addresses_sql(text: str, *, kind: str) -> str:
    """Return SQL that selects the `addresses` in the column *text* that get *kind*, itself SQL; NULL for nobody."""
    return _ADDRESSES.format(text=text, kind=kind)
