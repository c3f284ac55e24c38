"""The catalogue of what can be wrong (billing-rules 12.3)."""

from __future__ import annotations

import pytest

from counterfoil.core.findings import CATALOGUE, FindingCode, Severity, finding


@pytest.mark.parametrize("code", FindingCode)
def test_every_code_has_a_sentence_and_a_remedy_that_end(code: FindingCode) -> None:
    kind = CATALOGUE[code]
    fields = {name: f"<{name}>" for name in kind.field_names}
    found = finding(code, **fields)
    assert found.severity in Severity
    for text in (found.message, found.remedy):
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith("<")
        assert "{" not in text
    assert all(value in found.message + found.remedy for value in fields.values())


def test_a_finding_needs_every_field_it_names() -> None:
    with pytest.raises(KeyError, match="customer"):
        finding(FindingCode.CUSTOMER_INACTIVE)


def test_a_value_that_looks_like_a_template_stays_a_value() -> None:
    found = finding(FindingCode.UNKNOWN_CURRENCY, currency="{remedy.__class__}")
    assert found.message == "{remedy.__class__} is not a currency of ISO 4217."


def test_2_7_too_many_past_periods_says_how_many() -> None:
    found = finding(FindingCode.TOO_MANY_PAST_PERIODS, periods=120, allowed=2)
    assert found.message == "120 past periods are not billed yet; without confirmation at most 2 are."
    assert found.remedy.startswith("Check the start")
