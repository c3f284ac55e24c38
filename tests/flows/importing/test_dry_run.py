"""What a dry run says of each row, and the samples that come with it."""

from __future__ import annotations

import io

import pytest

from counterfoil.flows.importing.kinds import KINDS
from counterfoil.flows.importing.report import FieldChange, ImportReport
from counterfoil.flows.importing.run import import_file
from counterfoil.flows.importing.samples import ROWS, example_of, write_sample
from counterfoil.records.charges.models import Charge
from counterfoil.records.parties.models import BillingCustomer
from tests.flows.importing.files import counted, imported


@pytest.fixture(autouse=True)
def stored(bureau: None) -> None:
    """Store an organisation."""


def test_each_row_says_whether_it_is_new_changed_from_what_to_what_or_the_same() -> None:
    header = "account,name,terms,city"
    imported("customers", header, "C1,Harbour,14 days,Cork", "C2,Quay,14 days,Cork")
    report = imported(
        "customers", header, "C1,Harbour Stores,net 30,Cork", "C2,Quay,14 days,Cork", "C3,New,,", dry_run=True
    )
    assert [(one.row, one.key, one.state) for one in report.outcomes] == [
        (2, "C1", "changed"),
        (3, "C2", "same"),
        (4, "C3", "new"),
    ]
    assert report.outcomes[0].changes == (
        FieldChange(column="name", before="Harbour", after="Harbour Stores"),
        FieldChange(column="terms", before="14 days", after="net 30"),
    )
    assert report.to_json()["outcomes"][0]["changes"][0]["column"] == "name"
    assert BillingCustomer.objects.get(account="C1").name == "Harbour"
    assert imported("customers", header, "C3,New,,").outcomes == ()


def test_what_several_columns_say_together_is_told_by_column() -> None:
    """A charge period of its own in place of the master charge's, and an end as its last day."""
    for kind in list(KINDS)[: list(KINDS).index("charges") + 1]:
        taken_in(kind)
    header = "charge,client,code,starts_on,last_day,every,anchor"
    report = imported("charges", header, "K1,S1,MON,2026-01-01,2026-12-31,3 months,2026-01-01", dry_run=True)
    assert {one.column: (one.before, one.after) for one in report.outcomes[0].changes} == {
        "last_day": ("", "2026-12-31"),
        "every": ("", "3 months"),
        "anchor": ("", "2026-01-01"),
        "part_charging": ("", "daily"),
        "day_count": ("", "actual"),
        "bill": ("", "advance"),
        "offset": ("", "0"),
        "split_on_price_change": ("", "no"),
    }
    assert Charge.objects.get(key="K1").ends_before is None


def test_the_samples_of_all_kinds_are_taken_in_one_after_the_other() -> None:
    assert list(ROWS) == list(KINDS)
    for kind in KINDS:
        assert counted(taken_in(kind))[kind][0] == len(ROWS[kind])
    assert example_of("readings", "value") == "99600"
    assert example_of("readings", "estimated") == ""


def taken_in(kind: str) -> ImportReport:
    """Import the sample of *kind*."""
    text = io.StringIO()
    write_sample(kind, text)
    file = io.BytesIO(text.getvalue().encode())
    return import_file(kind=kind, file=file, name=kind, dry_run=False, by=None)
