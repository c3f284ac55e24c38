"""What the run verbs answer: the same facts as a JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.money import format_minor
from counterfoil.core.nouns import counted

if TYPE_CHECKING:
    import polars as pl

    from counterfoil.connectors.port import ControlTotals
    from counterfoil.flows.billing.estimating import Estimate
    from counterfoil.flows.billing.preview import Preview
    from counterfoil.flows.billing.report import RunReport
    from counterfoil.records.billing.models import BillingException, Run


MILLISECOND = timedelta(milliseconds=1)


class Total(Protocol):
    """What documents of one currency come to, in its minor units."""

    currency: str
    documents: int
    lines: int
    net_minor: int
    tax_minor: int
    gross_minor: int


def totals_document(totals: Iterable[Total]) -> dict[str, dict[str, str]]:
    """Return *totals* by currency, amounts as strings."""
    return {
        total.currency: {
            "net": format_minor(total.net_minor, total.currency),
            "tax": format_minor(total.tax_minor, total.currency),
            "gross": format_minor(total.gross_minor, total.currency),
        }
        for total in totals
    }


def generated_document(report: RunReport) -> dict[str, Any]:
    """Return what `run generate` answers."""
    return {
        "run": report.run.pk,
        "status": report.run.status,
        "invoices": report.invoices,
        "lines": report.lines,
        "exceptions": report.exceptions,
        "totals": totals_document(report.totals),
    }


def run_document(report: RunReport) -> dict[str, Any]:
    """Return what `run show` answers."""
    run = report.run
    return {
        **generated_document(report),
        "title": run.title,
        "definition": run.definition.name if run.definition else None,
        "cutoff": run.cutoff,
        "invoice_date": run.invoice_date,
        "tax_point": run.tax_point or run.invoice_date,
        "generated_by": run.generated_by.username if run.generated_by else None,
        "authorised_by": run.authorised_by.username if run.authorised_by else None,
        "ran": ran_document(run),
        "charges": report.charges,
        "charges_done": report.charges_done,
        "held": report.held,
        "excluded": report.excluded,
        "replaced": report.replaced,
        "waits_because": report.waits_because,
        "kept": report.kept,
        "issued": report.issued,
        "exceptions_by_code": [
            {"code": kind.code, "count": kind.count, "example": kind.example, "remedy": kind.remedy}
            for kind in report.exception_kinds
        ],
        "deliveries": [
            {"channel": one.channel, "state": one.state, "count": one.count} for one in report.deliveries
        ],
        "reconciliation": [
            {
                "currency": one.currency,
                "agrees": one.agrees,
                "ours": totals_side(one.ours, one.currency),
                "theirs": totals_side(one.theirs, one.currency),
            }
            for one in report.reconciliation
        ],
    }


def ran_document(run: Run) -> dict[str, Any]:
    """Return how *run* was generated, shard by shard in the order in which they were stored."""
    from counterfoil.flows.billing.ran import how_it_ran

    ran = how_it_ran(run)
    return {
        "started_at": ran.started_at.isoformat(),
        "generated_at": ran.ended_at.isoformat() if ran.ended_at else None,
        "milliseconds": ran.took // MILLISECOND,
        "charges_a_second": ran.charges_a_second,
        "shards_missing": ran.missing,
        "shards": [
            {
                "shard": one.number,
                "done_at": one.done_at.isoformat(),
                "milliseconds": one.took // MILLISECOND,
                "charges": one.charges,
                "invoices": one.invoices,
                "lines": one.lines,
                "exceptions": one.exceptions,
            }
            for one in ran.shards
        ],
    }


def _ran_text(ran: Mapping[str, Any]) -> str:
    """Return how fast a run was generated, and its slowest shard."""
    if not ran["shards"]:
        return ""
    slowest = max(ran["shards"], key=lambda one: one["milliseconds"])
    missing = f", {ran['shards_missing']:,} missing" if ran["shards_missing"] else ""
    pace = f", {ran['charges_a_second']:,} charges a second" if ran["charges_a_second"] else ""
    return (
        f"{counted(len(ran['shards']), 'shard', 'shards')}{missing} in {ran['milliseconds']:,} ms{pace};"
        f" shard {slowest['shard']} took longest, {slowest['milliseconds']:,} ms"
    )


def totals_side(totals: ControlTotals, currency: str) -> dict[str, Any]:
    """Return control totals of one currency, amounts as strings."""
    return {
        "documents": totals.documents,
        "lines": totals.lines,
        "net": format_minor(totals.net_minor, currency),
        "tax": format_minor(totals.tax_minor, currency),
        "gross": format_minor(totals.gross_minor, currency),
    }


def preview_document(preview: Preview) -> dict[str, Any]:
    """Return what `run preview` answers: the same counts and totals as the run would have."""
    return {
        "invoices": preview.invoices.height,
        "lines": preview.lines.height,
        "exceptions": preview.findings.height,
        "totals": totals_document(preview.totals()),
        "exceptions_by_code": _kinds_found(preview.findings),
    }


def _kinds_found(findings: pl.DataFrame) -> list[dict[str, Any]]:
    import polars as pl

    kinds = findings.group_by("code", maintain_order=True).agg(
        pl.len().alias("count"), pl.col("message").first().alias("example"), pl.col("remedy").first()
    )
    return list(kinds.sort("code").iter_rows(named=True))


def preview_text(preview: Preview, *, title: str) -> str:
    """Return a preview for people."""
    document = preview_document(preview)
    counts = [
        counted(document["invoices"], "invoice", "invoices"),
        counted(document["lines"], "line", "lines"),
        counted(document["exceptions"], "exception", "exceptions"),
    ]
    return paragraphs(
        f"Preview of {title}: {', '.join(counts)}. Nothing is stored.",
        _totals_table(preview.totals()),
        _kinds_table(document["exceptions_by_code"]),
    )


def run_text(report: RunReport) -> str:
    """Return a run for people, with what can be done next."""
    run = report.run
    document = run_document(report)
    deliveries = [(one.channel, one.state, f"{one.count:,}") for one in report.deliveries]
    return paragraphs(
        f"Run {run.pk}: {run.title}, {run.get_status_display().lower()}",
        f"cut-off {run.cutoff}, invoice date {run.invoice_date}, {report.charges_done:,} of"
        f" {counted(report.charges, 'charge', 'charges')} rated",
        f"{counted(report.invoices, 'invoice', 'invoices')} ({report.issued:,} issued, {report.held:,} held,"
        f" {report.excluded:,} excluded, {report.kept:,} kept), {counted(report.lines, 'line', 'lines')},"
        f" {counted(report.exceptions, 'exception', 'exceptions')}",
        _ran_text(document["ran"]),
        f"Abandoned: {run.abandoned_because}" if run.abandoned_because else "",
        report.waits_because,
        _totals_table(report.totals),
        _kinds_table(document["exceptions_by_code"]),
        table(["Channel", "State", "Documents>"], deliveries, title="Deliveries"),
        table(
            ["Currency", "Issued>", "There>", "Gross>", "Gross there>", "Agrees"],
            [
                (
                    one.currency,
                    one.ours.documents,
                    one.theirs.documents,
                    format_minor(one.ours.gross_minor, one.currency),
                    format_minor(one.theirs.gross_minor, one.currency),
                    "yes" if one.agrees else "NO",
                )
                for one in report.reconciliation
            ],
            title="Reconciliation",
        ),
        _next_step(report),
    )


def _totals_table(totals: Iterable[Total]) -> str:
    rows = []
    for total in totals:
        amounts = (total.net_minor, total.tax_minor, total.gross_minor)
        money = [format_minor(amount, total.currency) for amount in amounts]
        rows.append([total.currency, f"{total.documents:,}", f"{total.lines:,}", *money])
    return table(["Currency", "Documents>", "Lines>", "Net>", "Tax>", "Gross>"], rows, title="Totals")


def _kinds_table(kinds: Iterable[dict[str, Any]]) -> str:
    rows = [(f"{kind['count']:,}", kind["code"], kind["example"], kind["remedy"]) for kind in kinds]
    return table(["Count>", "Code", "For example", "What to do"], rows, title="Exceptions")


def _next_step(report: RunReport) -> str:
    number = report.run.pk
    return {
        "generating": f"Next: counterfoil run resume {number}",
        "in_review": f"Next: counterfoil run authorise {number}",
        "authorised": f"Issued on {report.run.invoice_date}, or by: counterfoil run authorise {number}",
        "issued": f"Next: counterfoil run deliver {number}"
        if any(one.state == "queued" for one in report.deliveries)
        else "",
    }.get(report.run.status, "")


def runs_document(runs: Iterable[Run]) -> dict[str, Any]:
    """Return what `run list` answers."""
    return {
        "runs": [
            {
                "run": run.pk,
                "title": run.title,
                "definition": run.definition.name if run.definition else None,
                "status": run.status,
                "cutoff": run.cutoff,
                "invoice_date": run.invoice_date,
                "totals": totals_document(run.totals.all()),
            }
            for run in runs
        ]
    }


def runs_text(runs: Iterable[Run]) -> str:
    """Return runs for people."""
    rows = [
        (
            run.pk,
            run.title,
            run.get_status_display(),
            run.cutoff,
            run.invoice_date,
            ", ".join(
                f"{format_minor(one.gross_minor, one.currency)} {one.currency}" for one in run.totals.all()
            ),
        )
        for run in runs
    ]
    headings = ["Run>", "Title", "Status", "Cut-off", "Invoice date", "Gross>"]
    return table(headings, rows) or "There are no runs yet. Start one with counterfoil run generate."


def exceptions_document(
    exceptions: Iterable[BillingException], *, would_bill: Mapping[int, Estimate]
) -> dict[str, Any]:
    """Return what `run exceptions` answers; *would_bill* is by id what confirming each would bill, where known."""

    def told(one: BillingException) -> str | None:
        ahead = would_bill.get(one.pk)
        return (
            f"{format_minor(ahead.net_minor, ahead.currency)} {ahead.currency}"
            if ahead and ahead.currency
            else None
        )

    return {
        "exceptions": [
            {
                "id": one.pk,
                "code": one.code,
                "charge": one.charge.key if one.charge else None,
                "customer": one.customer.account if one.customer else None,
                "client": one.client.code if one.client else None,
                "message": one.message,
                "remedy": one.remedy,
                "would_bill": told(one),
            }
            for one in exceptions
        ]
    }


def exceptions_text(document: dict[str, Any]) -> str:
    """Return what `exceptions_document` returned for people."""
    names = ("id", "charge", "client", "customer", "message", "remedy", "would_bill")
    rows = [[row[name] for name in names] for row in document["exceptions"]]
    headings = ["Id>", "Charge", "Client", "Customer", "What is wrong", "What to do", "Confirmed bills, net>"]
    return table(headings, rows) or "The run has no exceptions."
