"""What a document says: the words and numbers the template lays out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from counterfoil.core.document import Address, LineDiscount, Party
from counterfoil.documents.look import Look, UnusableColour, UnusableLogo
from counterfoil.documents.sheet import sheet_of, summary_sheet_of
from tests.build_document import BUYER, SELLER, amalgamate, credit_note, days, document, line

GERMAN = Look(language="de")
PLAIN = Look()


def test_an_invoice_says_who_owes_what_by_when() -> None:
    sheet = sheet_of(document(payment_terms="14 days net"), look=Look(payment_text="By transfer."))
    assert sheet["title"] == "Invoice INV-2026-000123"
    assert sheet["totals"] == [["Total net", "30.00"], ["Tax 19%", "5.70"]]  # 30.00 × 0.19
    assert sheet["due"] == ["Amount due", "EUR 35.70"]
    assert sheet["payment"] == {
        "title": "Payment",
        "lines": ["Please pay EUR 35.70 by 15 Jun 2026.", "Payable within 14 days", "By transfer."],
        "facts": [
            ["Account", "DE00 1234 5678 1234 5678 90"],
            ["BIC", "EXAMDEFFXXX"],
            ["Reference", "INV-2026-000123"],
        ],
    }


def test_an_invoice_identifies_itself() -> None:
    issued = document(
        line(client="S-1", client_name="Pier"), purchase_order="PO 1", tax_point=date(2026, 5, 31)
    )
    assert sheet_of(issued, look=GERMAN)["facts"] == [
        ["Nummer", "INV-2026-000123"],
        ["Rechnungsdatum", "01.06.2026"],
        ["Steuerdatum", "31.05.2026"],
        ["Leistungszeitraum", "1.–30. Juni 2026"],
        ["Fällig am", "15.06.2026"],
        ["Kundennummer", "C-10042"],
        ["Ihre USt-IdNr.", "GB000000000"],
        ["Ihre Bestellung", "PO 1"],
        ["Objekt", "S-1 · Pier"],
    ]


def test_the_language_is_the_looks_else_the_documents() -> None:
    german = document(language="de")
    assert sheet_of(german, look=PLAIN)["title"] == "Rechnung INV-2026-000123"
    assert sheet_of(german, look=Look(language="en"))["title"] == "Invoice INV-2026-000123"


def test_a_draft_has_no_number_and_asks_for_nothing() -> None:
    sheet = sheet_of(document(number=None), look=PLAIN)
    assert (sheet["title"], sheet["draft"]) == ("Draft invoice", "Draft")
    assert sheet["facts"][0][0] == "Invoice date"
    assert "Due date" not in dict(sheet["facts"])
    assert sheet["payment"]["facts"] == []


def test_a_credit_note_prints_positive_amounts() -> None:
    credit = credit_note(line(sign=-1, fraction=Fraction(13, 30)))
    sheet = sheet_of(credit, look=PLAIN)
    assert credit.net_minor == -1300  # 30.00 × 13/30
    assert sheet["title"] == "Credit note CN-2026-000007"
    assert ["Credits invoice", "INV-2026-000123"] in sheet["facts"]
    assert sheet["table"]["groups"][0]["lines"][0][-2:] == ["13/30", "13.00"]
    assert sheet["due"] == ["Amount credited", "EUR 15.47"]  # 13.00 + 2.47
    assert sheet["payment"]["lines"] == ["EUR 15.47 will be credited to your account."]


def test_an_invoice_of_nothing_asks_for_nothing() -> None:
    sheet = sheet_of(document(line(), line(sign=-1)), look=PLAIN)
    assert sheet["table"]["groups"][0]["lines"][1][-1] == "-30.00"
    assert sheet["payment"] == {"title": "Payment", "lines": ["There is nothing to pay."], "facts": []}


def test_columns_that_say_nothing_are_left_out() -> None:
    def columns(*lines: object) -> list[str]:
        return [column["key"] for column in sheet_of(document(*lines), look=PLAIN)["table"]["columns"]]

    assert columns(line(period=None)) == ["description", "quantity", "unit_price", "net"]
    assert columns(line(fraction=Fraction(1, 2))) == [
        "description", "period", "quantity", "unit_price", "share", "net",
    ]  # fmt: skip
    assert columns(line(), line(rate="7"))[-2:] == ["tax_rate", "net"]


def test_a_line_shows_how_its_net_came_about() -> None:
    part = line("Key holding", price="31.00", quantity="1.5", unit="h", fraction=Fraction(17, 31))
    sheet = sheet_of(document(part, line(rate="7")), look=PLAIN)
    cells = dict(
        zip(
            [column["key"] for column in sheet["table"]["columns"]],
            sheet["table"]["groups"][0]["lines"][0],
            strict=True,
        )
    )
    assert cells == {
        "description": "Key holding",
        "period": "1–30 Jun 2026",
        "quantity": "1.5 h",
        "unit_price": "31.00",
        "share": "17/31",
        "tax_rate": "19%",
        "net": "25.50",  # 1.5 × 31.00 × 17/31
    }


def test_several_clients_are_grouped_with_subtotals() -> None:
    sheet = sheet_of(
        document(
            line(client="S-1", client_name="Pier"),
            line(price="1", client="S-2", client_name="Shop"),
            line(price="2", client="S-1", client_name="Pier"),
            line("Postage", price="3"),
        ),
        look=PLAIN,
    )
    headed = [
        (group["heading"], len(group["lines"]), group["subtotal"]) for group in sheet["table"]["groups"]
    ]
    assert headed == [
        ("S-1 · Pier", 2, ["Subtotal Pier", "32.00"]),  # 30.00 + 2.00
        ("S-2 · Shop", 1, ["Subtotal Shop", "1.00"]),
        ("Further charges", 1, ["Subtotal Further charges", "3.00"]),
    ]


def test_several_rates_are_shown_apart() -> None:
    sheet = sheet_of(document(line(), line(price="9.80", rate="7"), line(price="1", rate="0")), look=PLAIN)
    assert sheet["tax_table"] == [
        ["Tax rate", "Net", "Tax", "Gross"],
        ["Zero rated 0%", "1.00", "0.00", "1.00"],
        ["Standard 19%", "30.00", "5.70", "35.70"],
        ["Reduced 7%", "9.80", "0.69", "10.49"],  # 9.80 × 0.07 = 0.686
    ]
    assert sheet["totals"][1] == ["Tax", "6.39"]  # 0.00 + 5.70 + 0.69


def test_a_rate_of_zero_says_why() -> None:
    exempt = document(line(rate="0", tax_category="reverse_charge"))
    assert sheet_of(exempt, look=PLAIN)["totals"][1] == ["Reverse charge 0%", "0.00"]


@pytest.mark.parametrize(
    ("country", "lines"),
    [
        ("DE", ["Ada Example", "Weg 1", "12345 Ort North"]),
        ("US", ["Ada Example", "Weg 1", "Ort North 12345", "UNITED STATES"]),
        ("QQ", ["Ada Example", "Weg 1", "12345 Ort North", "QQ"]),
    ],
)
def test_an_address_is_written_as_its_country_writes_it(country: str, lines: list[str]) -> None:
    address = Address(lines=("Weg 1", " "), postcode="12345", city="Ort", region="North", country=country)
    buyer = Party(name="Ada Example", address=address)
    assert sheet_of(document(buyer=buyer), look=PLAIN)["buyer"] == lines


def test_the_footer_leaves_out_what_is_not_known() -> None:
    bare = document(seller=Party(name="Ada Example"))
    assert sheet_of(bare, look=Look(footer_text="One\nTwo"))["footer"] == {
        "columns": [["Ada Example"]],
        "text": ["One", "Two"],
    }
    columns = sheet_of(document(), look=PLAIN)["footer"]["columns"]
    assert columns[2] == [f"Tax ID {SELLER.tax_id}", f"Registration {SELLER.registration_id}"]


def test_an_account_that_is_no_iban_stays_as_it_is() -> None:
    seller = replace(SELLER, bank_account="12-34-56 00112233")
    facts = dict(sheet_of(document(seller=seller), look=PLAIN)["payment"]["facts"])
    assert facts["Account"] == "12-34-56 00112233"


def test_the_sheet_is_json_and_names_no_client_twice() -> None:
    own_site = document(line(client="", client_name=BUYER.name))
    sheet = sheet_of(own_site, look=PLAIN)
    assert json.loads(json.dumps(sheet)) == sheet
    assert "Site" not in dict(sheet["facts"])


def test_a_period_of_one_day_and_lines_without_period() -> None:
    issued = document(line(period=days(date(2026, 6, 5), 1)), line(period=None))
    assert dict(sheet_of(issued, look=GERMAN)["facts"])["Leistungszeitraum"] == "05.06.2026"


@pytest.mark.parametrize("accent", ["", "blue", "#12345", "#1234567", "#gggggg", '#123456"); evil('])
def test_a_colour_is_six_hexadecimal_digits(accent: str) -> None:
    with pytest.raises(UnusableColour, match=r"is not a colour\. Write it as #"):
        Look(accent=accent)


def test_text_on_the_accent_can_be_read() -> None:
    assert Look(accent="#1f4e79").accent_is_readable
    assert not Look(accent="#facc15").accent_is_readable


@pytest.mark.parametrize("logo", [b"GIF89a", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" + bytes(1_000_000)])
def test_a_logo_is_a_small_picture(logo: bytes) -> None:
    with pytest.raises(UnusableLogo, match="PNG, JPEG or SVG"):
        Look(logo=logo)


def test_4_5_a_line_names_its_discounts_with_what_they_took() -> None:
    """30.00 less 10 % is 27.00, less 2.00 is 25.00."""
    taken = (
        LineDiscount(name="Loyalty", percent_steps=10_000_000, minor=300),
        LineDiscount(name="Goodwill", minor=200),
    )
    sheet = sheet_of(document(line(net_minor=2500, discounts=taken)), look=PLAIN)
    cells = sheet["table"]["groups"][0]["lines"][0]
    assert cells[0].split("\n") == ["Alarm monitoring", "Loyalty 10%: -3.00", "Goodwill: -2.00"]
    assert cells[-2:] == ["30.00", "25.00"]


def test_5_4_a_line_whose_price_includes_tax_says_what_it_costs_with_it() -> None:
    one = line(price="35.70", net_minor=3000, includes_tax=True)
    cells = sheet_of(document(one), look=GERMAN)["table"]["groups"][0]["lines"][0]
    assert cells[0].split("\n") == ["Alarm monitoring", "Preis mit Steuer: 35,70"]
    assert cells[-2:] == ["35,70", "30,00"]


def test_c11_an_amalgamated_invoice_has_its_charge_summary_behind_it() -> None:
    invoice = amalgamate(document(line(), line(price="5", client="S-2", client_name="Shop")))
    sheet = sheet_of(invoice, look=PLAIN)
    formal = [cells[0] for group in sheet["table"]["groups"] for cells in group["lines"]]
    assert formal == ["Charges as listed in the charge summary"]
    summary = sheet["summary"]
    assert [cells[-1] for group in summary["groups"] for cells in group["lines"]] == ["30.00", "5.00"]
    assert (summary["title"], summary["total"]) == ("Charge summary", ["Total net", "35.00"])


def test_a_charge_summary_stands_alone_for_any_invoice() -> None:
    assert sheet_of(document(), look=PLAIN)["summary"] is None
    alone = summary_sheet_of(document(), look=PLAIN)
    assert alone["title"] == "Charge summary of Invoice INV-2026-000123"
    assert alone["table"] is None
    assert [cells[0] for cells in alone["summary"]["groups"][0]["lines"]] == ["Alarm monitoring"]


@pytest.mark.parametrize(
    ("currency", "price", "shown_price", "net_minor", "printed"),
    [("JPY", "1234.567891", "1,234.567891", 1235, "1,235"), ("KWD", "1.234567", "1.234567", 1235, "1.235")],
)
def test_13_amounts_have_their_currencys_digits_and_prices_up_to_six(
    currency: str, price: str, shown_price: str, net_minor: int, printed: str
) -> None:
    sheet = sheet_of(document(line(price=price, net_minor=net_minor), currency=currency), look=PLAIN)
    cells = sheet["table"]["groups"][0]["lines"][0]
    assert cells[-2:] == [shown_price, printed]
    assert sheet["totals"][0] == ["Total net", printed]
