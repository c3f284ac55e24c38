"""Definitions, discounts, tax points and charge summaries through the program."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Installation


def test_choices_about_documents_through_the_program(installation: Installation, tmp_path: Path) -> None:
    """30.00 less 10 % is 27.00; the seller is exempt, so nothing is added; the rest is one formal line."""
    run = installation.run
    run("init", "--name", "Larkfield")
    files = {
        "tax-rates": "category,rate,valid_from\nstandard,23,2000-01-01\n",
        "customers": "account,name,delivery\nC1,Brightwater,none\n",
        "clients": "client,name,customer\nS1,Pier,C1\n",
        "master-charges": "code,name,kind,unit_price,tax_category\nMON,Monitoring,service,30,standard\n",
        "charges": "charge,client,code,starts_on,po_number\nK1,S1,MON,2026-06-01,PO-7\n",
        "discounts": "discount,name,percent,charge\nD1,First year,10,K1\n",
    }
    for kind, text in files.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, encoding="utf-8")
        run("import", kind, str(path))
    assert installation.answer("organisation", "change", "--tax-status", "exempt")["tax_status"] == "exempt"
    refused = installation.answer("organisation", "change", "--tax-status", "heavenly", exits=1)
    assert "is no tax status" in refused["error"]
    options = ("--grouping", "po", "--amalgamated", "--keeps-zero", "--attach-summary")
    made = installation.answer("definition", "create", "short", *options)
    assert made["attaches_summary"] is True
    assert (made["grouping"], made["amalgamated"], made["keeps_zero"]) == ("po", True, True)
    dates = ("--cutoff", "2026-06-01", "--tax-point", "2026-05-31")
    generated = installation.answer("run", "generate", "short", *dates)
    assert generated["totals"]["EUR"] == {"net": "27.00", "tax": "0.00", "gross": "27.00"}
    (draft,) = installation.answer("invoice", "list")["invoices"]
    shown = installation.answer("invoice", "show", str(draft["id"]))
    assert (shown["purchase_order"], shown["tax_point"], shown["amalgamated"]) == ("PO-7", "2026-05-31", True)
    assert shown["lines"][0]["discounts"] == [{"name": "First year", "amount": "3.00"}]
    summary = tmp_path / "summary.pdf"
    run("invoice", "pdf", str(draft["id"]), "--summary", "--out", str(summary))
    assert summary.read_bytes().startswith(b"%PDF")
    look = ("--language", "de", "--header", "Guten Tag", "--columns", "code")
    assert installation.answer("documents", "set", *look)["texts"]["de"]["header"] == "Guten Tag"
    refused = installation.answer("documents", "set", "--header", "All", exits=1)
    assert "is written in one language" in refused["error"]
    run("documents", "sample", "--language", "de", "--out", str(summary))
    assert summary.read_bytes().startswith(b"%PDF")
    page = "https://erp.example/partners/{account}"
    made = installation.answer("link", "set", "ERP", "--customer-page", page, "--usual")
    assert made["samples"]["customer_page"] == "https://erp.example/partners/C-10042"
    assert installation.answer("link", "show", "--customer", "C1")["address"].endswith("/partners/C1")
