"""How the command line tells of definitions: as documents for programs, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from counterfoil import clock
from counterfoil.commands.output import answer
from counterfoil.commands.tables import paragraphs, table

if TYPE_CHECKING:
    from counterfoil.records.billing.models import BatchDefinition

RUNS_SHOWN = 10


def answer_definition(stored: BatchDefinition, *, said: str, as_json: bool) -> None:
    """Print a definition with the runs to come and those there were; *said* is what became of it, "" for nothing."""
    row = list_row(stored)
    document = {**row, "next_runs": _next_runs(stored), "runs": _runs(stored)}
    text = f"The definition {stored.name} {said}." if said else _facts(row)
    answer(document, text=paragraphs(text, *_tables(document)), as_json=as_json)


def list_row(stored: BatchDefinition) -> dict[str, Any]:
    """Return *stored* as a document, without its runs."""
    from counterfoil.core.schedules import words_of
    from counterfoil.flows.defining import codes_of

    state = getattr(stored, "schedule_state", None)
    return {
        "name": stored.name,
        "title": stored.title,
        "kinds": stored.kinds,
        "payer": stored.payer,
        "branch": stored.branch.code if stored.branch else None,
        "customer_group": stored.customer_group.name if stored.customer_group else None,
        "periods": stored.period_lengths,
        "codes": codes_of(stored),
        "grouping": stored.grouping,
        "past_periods": stored.past_periods_allowed,
        "amalgamated": stored.amalgamated,
        "keeps_zero": stored.keeps_zero,
        "attaches_summary": stored.attaches_summary,
        "credit": stored.credit_basis,
        "cutoff": stored.cutoff_rule,
        "invoice_date": stored.invoice_date_rule,
        "schedule": stored.schedule,
        "schedule_words": words_of(stored.schedule),
        "schedule_problem": state.problem if state else "",
        "connector": stored.connector,
        "mail": stored.send_email,
        "authorised": stored.authorised,
        "is_active": stored.is_active,
    }


def list_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return definitions as a table."""
    shown = [
        (
            row["name"],
            row["title"],
            ", ".join(row["kinds"]),
            row["payer"],
            row["branch"] or "every",
            row["connector"],
            "runs through" if row["authorised"] else "reviewed",
            row["schedule_words"],
            "" if row["is_active"] else "off",
        )
        for row in rows
    ]
    headings = ["Name", "Title", "Kinds", "Payer", "Branch", "Connector", "Review", "Starts by itself", "Off"]
    return table(headings, shown)


def _facts(row: dict[str, Any]) -> str:
    """Return a definition in words, a line each."""
    told = {
        "Name": row["name"],
        "Title": row["title"],
        "Kinds": ", ".join(row["kinds"]),
        "Payer": row["payer"],
        "Branch": row["branch"] or "every branch",
        "Customer group": row["customer_group"] or "whatever group",
        "Charge periods": ", ".join(row["periods"]) or "any",
        "Master charges": ", ".join(row["codes"]) or "all",
        "Grouping": row["grouping"],
        "Credits": row["credit"],
        "Past periods": row["past_periods"],
        "Cut-off": row["cutoff"],
        "Invoice date": row["invoice_date"],
        "Connector": row["connector"] or "nowhere",
        "E-mail": "yes" if row["mail"] else "no",
        "Charge summary by e-mail": "yes" if row["attaches_summary"] else "with amalgamated invoices",
        "Amalgamated": "yes" if row["amalgamated"] else "no",
        "Keeps zero": "yes" if row["keeps_zero"] else "no",
        "Review": "issued and delivered without review" if row["authorised"] else "reviewed",
        "Starts by itself": row["schedule_words"] or "never",
        "Did not start": row["schedule_problem"],
        "State": "on" if row["is_active"] else "off",
    }
    return "\n".join(f"{label}: {value}" for label, value in told.items() if value != "")


def _next_runs(stored: BatchDefinition) -> list[dict[str, Any]]:
    from zoneinfo import ZoneInfo

    from counterfoil.flows.billing.scheduling import next_runs
    from counterfoil.records.organisation.queries import the_organisation

    zone = ZoneInfo(the_organisation().timezone)
    return [
        {
            "starts": run.moment.astimezone(zone).isoformat(),
            "cutoff": run.cutoff,
            "invoice_date": run.invoice_date,
        }
        for run in next_runs(stored, now=clock.now(), zone=zone)
    ]


def _runs(stored: BatchDefinition) -> list[dict[str, Any]]:
    return [
        {
            "run": run.pk,
            "status": run.status,
            "cutoff": run.cutoff,
            "invoice_date": run.invoice_date,
            "scheduled": run.scheduled_for is not None,
        }
        for run in stored.runs.order_by("-pk")[:RUNS_SHOWN]
    ]


def _tables(document: dict[str, Any]) -> list[str]:
    coming = [(one["starts"], one["cutoff"], one["invoice_date"]) for one in document["next_runs"]]
    past = [
        (
            one["run"],
            one["status"],
            one["cutoff"],
            one["invoice_date"],
            "by itself" if one["scheduled"] else "",
        )
        for one in document["runs"]
    ]
    return [
        table(["Starts", "Cut-off", "Invoice date"], coming, title="Next runs"),
        table(["Run>", "State", "Cut-off", "Invoice date", "Started"], past, title="Newest runs"),
    ]
