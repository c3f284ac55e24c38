"""CSV files: their layout, that texts stay texts, and that nothing is lost or doubled whatever is interrupted."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from counterfoil.connectors.csv_files.mapping import text_cell
from counterfoil.connectors.csv_files.settings import UnusableCsvSetting, csv_settings
from counterfoil.connectors.port import Connector, PermanentRefusal, TransientFailure
from counterfoil.connectors.registry import UnknownConnector, connect
from counterfoil.core.document import Document
from tests.build_document import credit_note, days, document, line, many
from tests.connectors.contract import Connect, ConnectorContract

GERMAN = {"delimiter": ";", "decimal_mark": ",", "encoding": "utf-8-sig"}
Opened = Callable[..., Connector]


@pytest.mark.parametrize("dialect", [{}, GERMAN, {"delimiter": "\t"}], ids=["plain", "german", "tabs"])
class TestCsvFiles(ConnectorContract):
    @pytest.fixture
    def connect(self, tmp_path: Path, dialect: dict[str, str]) -> Connect:
        return lambda: connect("csv", settings={"folder": str(tmp_path / "run"), **dialect})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder a test's files go to."""
    return tmp_path / "run-1"


@pytest.fixture
def opened(folder: Path) -> Opened:
    """A function that opens a connector to *folder*."""
    return lambda **settings: connect("csv", settings={"folder": str(folder), **settings})


def handed_over(opened: Opened, *documents: Document, **settings: str) -> None:
    """Send *documents* and finish; all must arrive."""
    with opened(**settings) as connector:
        assert all(one.is_delivered for one in connector.send(documents=documents))
        connector.finish()


def rows(path: Path, **reading: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding=reading.pop("encoding", "utf-8"), newline="") as file:
        return list(csv.DictReader(file, strict=True, **reading))


def names(folder: Path) -> list[str]:
    """Return the names of the files a person sees."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_the_layout_is_as_documented(opened: Opened, folder: Path) -> None:
    part = line(
        'Key "holding"', price="31.00", quantity="1.5", unit="h", fraction=Fraction(17, 31), client="S-1",
        client_name="Pier", period=days(date(2026, 6, 14), 17),
    )  # fmt: skip
    invoice = document(
        part, line(quantity="2", period=None), purchase_order="PO 1", payment_terms="14 days net"
    )
    credit = credit_note(line(sign=-1))
    handed_over(opened, invoice, credit)
    assert (folder / "invoices.csv").read_bytes().decode() == (
        "reference,number,type,invoice_date,due_date,tax_point,currency,net,tax,gross,lines,account,customer,tax_id,"
        "email,address,postcode,city,region,country,branch,purchase_order,payment_terms,credited_number,language\r\n"
        '"counterfoil:invoice:INV-2026-000123","INV-2026-000123","contract","2026-06-01","2026-06-15","2026-06-01",'
        '"EUR",85.50,16.25,101.75,2,"C-10042","Brightwater Stores Ltd","GB000000000","ledger@brightwater.example",'
        '"Unit 4, 7 Harbour Road","ZZ9 9ZZ","Seaford",,"GB","NORTH","PO 1","14 days net",,"en"\r\n'
        '"counterfoil:invoice:CN-2026-000007","CN-2026-000007","credit_note","2026-06-01","2026-06-15","2026-06-01",'
        '"EUR",-30.00,-5.70,-35.70,1,"C-10042","Brightwater Stores Ltd","GB000000000","ledger@brightwater.example",'
        '"Unit 4, 7 Harbour Road","ZZ9 9ZZ","Seaford",,"GB","NORTH",,,"INV-2026-000123","en"\r\n'
    )
    assert (folder / "lines.csv").read_bytes().decode() == (
        "reference,number,line,account,client,client_name,charge_code,ledger_code,description,first_day,last_day,"
        "quantity,unit,unit_price,net,tax,gross,currency,tax_category,tax_rate\r\n"
        '"counterfoil:invoice:INV-2026-000123","INV-2026-000123",1,"C-10042","S-1","Pier","MON","4000",'
        '"Key ""holding"" (1.5 h × 31.00 × 17/31)","2026-06-14","2026-06-30",1,,25.50,25.50,4.85,30.35,"EUR",'
        '"standard",19\r\n'
        '"counterfoil:invoice:INV-2026-000123","INV-2026-000123",2,"C-10042",,,"MON","4000",'
        '"Alarm monitoring",,,2,,30.00,60.00,11.40,71.40,"EUR","standard",19\r\n'
        '"counterfoil:invoice:CN-2026-000007","CN-2026-000007",1,"C-10042",,,"MON","4000",'
        '"Alarm monitoring (1 × 30.00)","2026-06-01","2026-06-30",1,,-30.00,-30.00,-5.70,-35.70,"EUR",'
        '"standard",19\r\n'
    )
    assert (folder / "totals.csv").read_bytes().decode() == (
        "currency,documents,lines,net,tax,gross\r\n"
        '"EUR",2,3,55.50,10.55,66.05\r\n'  # 85.50 − 30.00, 16.25 − 5.70
    )


def test_the_dialect_is_chosen(opened: Opened, folder: Path) -> None:
    handed_over(opened, document(line("Größe; Maß", price="1234.5")), credit_note(line(sign=-1)), **GERMAN)
    assert (folder / "lines.csv").read_bytes().startswith(b"\xef\xbb\xbfreference;number;line;")
    assert (folder / "lines.csv").read_bytes().count(b"\xef\xbb\xbf") == 1
    first, second = rows(folder / "lines.csv", delimiter=";", encoding="utf-8-sig")
    assert (first["description"], first["net"], first["unit_price"]) == ("Größe; Maß", "1234,50", "1234,50")
    assert second["net"] == "-30,00"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 40 0000", "'+49 40 0000"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'=1+1"),
        ("\r=1+1", "'=1+1"),
        ("\n =1+1", "'=1+1"),
        ("\x00=1+1", "'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("a=b", "a=b"),
        ("two\r\nlines", "two lines"),
        ("'quoted'", "'quoted'"),
        ("", ""),
    ],
)
def test_a_text_is_never_a_formula(text: str, cell: str) -> None:
    assert text_cell(text) == cell


def test_texts_are_neutralised_and_numbers_stay_numbers(opened: Opened, folder: Path) -> None:
    evil = '=HYPERLINK("http://x.example","y")'
    credit = credit_note(line(evil, sign=-1, client=evil), number="-1", purchase_order=evil, branch="@b")
    handed_over(opened, replace(credit, reference="=r"))
    (invoice,) = rows(folder / "invoices.csv")
    (only,) = rows(folder / "lines.csv")
    assert (invoice["reference"], invoice["number"], invoice["branch"]) == ("'=r", "'-1", "'@b")
    assert only["client"] == "'" + evil
    assert (invoice["net"], only["net"], only["unit_price"]) == ("-30.00", "-30.00", "-30.00")
    with opened() as connector:
        assert connector.totals(references=["=r"])["EUR"].gross_minor == -3570
        assert connector.find(references=["=r"])["=r"].number == "-1"


def test_a_character_the_encoding_lacks_is_a_refusal_of_that_document_alone(opened: Opened) -> None:
    good, bad = many(2)
    bad = replace(bad, buyer=replace(bad.buyer, name="Żółć"))
    with opened(encoding="cp1252") as connector:
        first, second = connector.send(documents=[good, bad])
        connector.finish()
        assert connector.totals(references=[good.reference, bad.reference])["EUR"].documents == 1
    assert first.is_delivered
    assert isinstance(second.error, PermanentRefusal)
    assert "'Ż' cannot be written in cp1252; choose utf-8" in str(second.error)


def test_files_have_their_names_only_when_they_are_whole(opened: Opened, folder: Path) -> None:
    with opened() as connector:
        connector.send(documents=many(3))
        assert names(folder) == ["invoices.csv.partial", "lines.csv.partial"]
        connector.finish()
        assert names(folder) == ["invoices.csv", "lines.csv", "totals.csv"]


def test_files_that_were_handed_over_never_change(opened: Opened, folder: Path) -> None:
    handed_over(opened, *many(3))
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    handed_over(opened, *many(3))
    assert names(folder) == sorted(before)
    handed_over(opened, *many(5), **GERMAN)
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert [
        row["number"] for row in rows(folder / "invoices-2.csv", delimiter=";", encoding="utf-8-sig")
    ] == [
        "INV-2026-000004",
        "INV-2026-000005",
    ]
    with opened() as connector:
        totals = connector.totals(references=[one.reference for one in many(5)])
    assert totals["EUR"].documents == 5


def test_nothing_sent_is_no_file(opened: Opened, folder: Path) -> None:
    with opened(encoding="cp1252") as connector:
        connector.finish()
        connector.send(documents=[document(line("漢"))])
        connector.finish()
    assert names(folder) == []


def test_a_set_begun_in_one_dialect_is_ended_in_it(opened: Opened, folder: Path) -> None:
    with opened() as connector:
        connector.send(documents=many(1))
    handed_over(opened, *many(2), **GERMAN)
    assert [row["gross"] for row in rows(folder / "invoices.csv")] == ["35.70", "35.70"]


def test_a_difference_in_the_files_shows_in_the_totals(opened: Opened, folder: Path) -> None:
    handed_over(opened, *many(3))
    lines = (folder / "lines.csv").read_text().splitlines(keepends=True)
    (folder / "lines.csv").write_text("".join(lines[:-1]), newline="")
    with opened() as connector:
        totals = connector.totals(references=[one.reference for one in many(3)])["EUR"]
    assert (totals.documents, totals.gross_minor) == (3, 3 * 3570)
    assert (totals.lines, totals.net_minor, totals.tax_minor) == (2, 2 * 3000, 2 * 570)


@pytest.mark.parametrize(
    "spoiled",
    [
        "no,such\r\nheading,1\r\n",
        "",
        'reference,currency,gross\r\n"a","EUR",1e5\r\n',
        'a"b"\r\n',
        "\xff\xfe\x00",
    ],
)
def test_a_file_that_cannot_be_read_is_said_so(opened: Opened, folder: Path, spoiled: str) -> None:
    handed_over(opened, *many(1))
    (folder / "invoices.csv").write_text(spoiled, encoding="latin-1", newline="")
    with (
        opened() as connector,
        pytest.raises(PermanentRefusal, match=r"invoices\.csv cannot be read near line"),
    ):
        connector.totals(references=["a"])


def test_a_file_that_lost_bytes_is_not_written_on(opened: Opened, folder: Path) -> None:
    with opened() as connector:
        connector.send(documents=many(2))
        (folder / "lines.csv.partial").write_text("reference")
        (outcome,) = connector.send(documents=many(1, first=3))
    assert isinstance(outcome.error, PermanentRefusal)
    assert "lines.csv.partial was changed by somebody else: 9 of" in str(outcome.error)


def test_invoices_without_their_index_are_not_added_to(opened: Opened, folder: Path) -> None:
    folder.mkdir()
    (folder / "invoices.csv").write_text("somebody's")
    with opened() as connector:
        (outcome,) = connector.send(documents=many(1))
    assert isinstance(outcome.error, PermanentRefusal)
    assert "holds invoices but not their index .index.sqlite; choose an empty folder" in str(outcome.error)
    assert (folder / "invoices.csv").read_text() == "somebody's"


def test_a_folder_that_cannot_be_made_is_tried_again(opened: Opened, folder: Path) -> None:
    folder.write_text("in the way")
    with opened() as connector:
        assert isinstance(connector.send(documents=many(1))[0].error, TransientFailure)
        with pytest.raises(TransientFailure, match="the folder cannot be written or read"):
            connector.find(references=["x"])
        folder.unlink()
        assert connector.send(documents=many(1))[0].is_delivered


# Interrupted.


def check_whole(folder: Path, count: int) -> None:
    """Send everything again, as a successor does, and check that each of *count* invoices is there exactly once."""
    expected = many(count)
    with connect("csv", settings={"folder": str(folder)}) as connector:
        assert all(one.is_delivered for one in connector.send(documents=expected))
        connector.finish()
        totals = connector.totals(references=[one.reference for one in expected])
    assert (totals["EUR"].documents, totals["EUR"].lines) == (count, count)
    for kind in ("invoices", "lines"):
        numbers = [row["number"] for path in sorted(folder.glob(f"{kind}*.csv")) for row in rows(path)]
        assert sorted(numbers) == [one.number for one in expected]
    counted = [int(row["documents"]) for path in folder.glob("totals*.csv") for row in rows(path)]
    assert sum(counted) == count
    assert not list(folder.glob("*.partial"))


def check_consistent(folder: Path) -> None:
    """Hand over what arrived, without sending again, and check that every file tells of the same documents."""
    with connect("csv", settings={"folder": str(folder)}) as connector:
        connector.finish()
    invoices, lines = (
        sorted(row["number"] for path in folder.glob(f"{kind}*.csv") for row in rows(path))
        for kind in ("invoices", "lines")
    )
    totals = [int(row["documents"]) for path in folder.glob("totals*.csv") for row in rows(path)]
    assert invoices == lines == [one.number for one in many(len(invoices))]
    assert sum(totals) == len(invoices)


def test_a_sender_killed_at_any_step_neither_loses_nor_doubles(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.connectors.crash_points", str(tmp_path)], check=True)
    folders = sorted(tmp_path.iterdir())
    assert len(folders) == 54  # 26 steps before and after, and the two that went through
    for folder in folders:
        if (folder / "totals.csv").exists():
            assert {"invoices.csv", "lines.csv"} <= set(names(folder))
        copy = shutil.copytree(folder, f"{folder}-copy")
        check_consistent(Path(copy))
        check_whole(Path(copy), 11)
        check_whole(folder, 11)


SENDER = """
import sys
from counterfoil.connectors.registry import connect
from tests.build_document import many
print("ready", flush=True)
sys.stdin.readline()
with connect("csv", settings={"folder": sys.argv[1]}) as connector:
    for start in range(1, int(sys.argv[2]) + 1, 10):
        outcomes = connector.send(documents=many(10, first=start))
        print(sum(one.is_delivered and not one.was_there for one in outcomes), flush=True)
"""


def started(folder: Path, *, count: int) -> subprocess.Popen[str]:
    """Return a sender of *count* invoices that waits to be told to go."""
    command = [sys.executable, "-c", SENDER, str(folder), str(count)]
    sender = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert sender.stdout.readline() == "ready\n"
    return sender


def test_a_sender_killed_by_the_system_neither_loses_nor_doubles(folder: Path) -> None:
    answered = 0
    for batches in (1, 4, 9):
        with started(folder, count=100_000) as sender:
            sender.stdin.write("go\n")
            sender.stdin.flush()
            answered += sum(int(sender.stdout.readline()) for _ in range(batches))
            sender.kill()
    check_consistent(folder)
    done = len(rows(folder / "invoices.csv"))
    assert done >= answered > 0
    check_whole(folder, done)


def test_two_senders_at_once_write_each_document_once(folder: Path) -> None:
    senders = [started(folder, count=1000) for _ in range(2)]
    for sender in senders:
        sender.stdin.write("go\n")
        sender.stdin.flush()
    created = sum(int(answer) for sender in senders for answer in sender.communicate()[0].split())
    assert [sender.returncode for sender in senders] == [0, 0]
    assert created == 1000
    check_whole(folder, 1000)


FULL_DISK = """
import json, resource, sys
from counterfoil.connectors.registry import connect
from tests.build_document import many
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
with connect("csv", settings={"folder": sys.argv[1]}) as connector:
    outcomes = [connector.send(documents=many(20, first=start)) for start in range(1, 400, 20)]
print(json.dumps([[type(one.error).__name__ for one in batch] for batch in outcomes]))
"""


def test_a_full_disk_is_tried_again_and_leaves_no_half_batch(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(folder)], check=True, capture_output=True, text=True
    )
    batches = json.loads(run.stdout)
    assert batches[0] == ["NoneType"] * 20
    assert batches[-1] == ["TransientFailure"] * 20
    assert all(len(set(batch)) == 1 for batch in batches)
    check_whole(folder, 400)


# Settings.


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "cannot use folder = ''. Name the folder"),
        ({"folder": "x", "delimiter": "::"}, "cannot use delimiter = '::'. Choose one of: ',' ';' '|'"),
        ({"folder": "x", "encoding": "utf-7"}, "cannot use encoding = 'utf-7'. Choose one of: 'utf-8'"),
        ({"folder": "x", "decimal_mark": ","}, "cannot use decimal_mark = ','. It is the delimiter too"),
        (
            {"folder": "x", "quote": "'"},
            "It has folder, delimiter, decimal_mark, encoding and no other setting.",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(UnusableCsvSetting) as refused:
        csv_settings(settings)
    assert message in str(refused.value)


def test_an_unknown_connector_is_named() -> None:
    with pytest.raises(UnknownConnector, match=r"no connector called 'fax'\. Choose one of: csv\."):
        connect("fax", settings={})
