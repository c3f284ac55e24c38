"""How many PDF invoices one CPU second prints: three lines each, every one different, and one of 1,000 lines.

Run `.venv/bin/python benchmarks/documents.py --documents 400 --json`. CPU time counts every thread of the process,
so that the figure does not depend on what else the machine does at the time.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from dataclasses import replace
from datetime import date
from fractions import Fraction

from counterfoil.core.document import Address, Document, DocumentLine, DocumentType, Party, TaxGroup
from counterfoil.core.periods import DateRange
from counterfoil.documents.look import Look
from counterfoil.documents.render import render_pdf

JUNE = DateRange(date(2026, 6, 1), date(2026, 7, 1))
LOOK = Look(accent="#0f766e", footer_text="Directors: A. Person, B. Person")
SELLER = Party(
    name="Example Monitoring Ltd",
    address=Address(lines=("1 Example Street",), postcode="ZZ1 1ZZ", city="Exampleton", country="GB"),
    tax_id="GB000000000",
    emails=("accounts@example.org",),
    bank_account="DE00123456781234567890",
)


def invoice(nth: int, *, lines: int) -> Document:
    """Return the *nth* invoice, of *lines* lines of 17/30 of 30.00 = 17.00 each, at 19 %."""
    one = DocumentLine(
        line_no=1,
        charge_code="MON",
        description="Alarm monitoring, intruder and fire",
        client="S-1",
        period=JUNE,
        quantity_steps=1_000_000,
        unit_price_steps=30_000_000,
        fraction=Fraction(17, 30),
        net_minor=1700,
        tax_minor=323,
        tax_category="standard",
        tax_rate_steps=19_000_000,
    )
    net, tax = 1700 * lines, 323 * lines
    return Document(
        number=f"INV-2026-{nth:06}",
        document_type=DocumentType.CONTRACT,
        invoice_date=date(2026, 6, 1),
        due_date=date(2026, 6, 15),
        currency="EUR",
        seller=SELLER,
        buyer=Party(name=f"Customer {nth}", account=f"C-{nth}", address=Address(lines=(f"{nth} Road",))),
        lines=tuple(replace(one, line_no=at, description=f"Panel {nth}/{at}") for at in range(1, lines + 1)),
        tax_groups=(
            TaxGroup(tax_category="standard", tax_rate_steps=19_000_000, net_minor=net, tax_minor=tax),
        ),
        net_minor=net,
        tax_minor=tax,
        gross_minor=net + tax,
        reference=f"counterfoil:invoice:{nth}",
    )


def measure(count: int) -> dict[str, float | int]:
    """Return the figures of printing *count* invoices after a first one, which loads the fonts."""
    render_pdf(invoice(0, lines=3), look=LOOK)
    invoices = [invoice(nth, lines=3) for nth in range(1, count + 1)]
    cpu, wall = time.process_time(), time.perf_counter()
    size = sum(len(render_pdf(one, look=LOOK)) for one in invoices)
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    long = invoice(count + 1, lines=1000)
    cpu = time.process_time()
    render_pdf(long, look=LOOK)
    return {
        "documents": count,
        "documents_per_cpu_s": round(count / cpu_s, 1),
        "documents_per_s": round(count / wall_s, 1),
        "mean_kb": round(size / count / 1000, 1),
        "thousand_lines_cpu_s": round(time.process_time() - cpu, 3),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Print the figures, as one JSON document with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=400, metavar="N")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(arguments.documents)
    if arguments.json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    for name, value in figures.items():
        sys.stdout.write(f"{name:24}{value:>12}\n")


if __name__ == "__main__":
    main()
