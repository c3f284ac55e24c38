"""Every list and every object that people and programs look at, with filters, words, orders and deep pages."""

from __future__ import annotations

from collections.abc import Iterator


def pages(*, issued: int, in_review: int, invoice: int) -> Iterator[tuple[str, str]]:
    """Yield the pages by name; *issued* and *in_review* are runs, *invoice* is one of the first."""
    yield from _of_run_in_review(in_review)
    yield from _of_issued_run(issued)
    yield from _of_documents(invoice)
    yield from _of_parties()
    yield from _of_the_rest()


def _of_run_in_review(run: int) -> Iterator[tuple[str, str]]:
    yield "review", f"/runs/{run}"
    yield "review, last page", f"/runs/{run}?at=end"
    yield "review, held", f"/runs/{run}?state=held"
    yield "review, drafts", f"/runs/{run}?state=draft"
    yield "review, an account", f"/runs/{run}?q=C77"
    yield "review, two words", f"/runs/{run}?q=Customer+77"
    yield "lines", f"/runs/{run}/lines"
    yield "lines, last page", f"/runs/{run}/lines?at=end"
    yield "lines, found", f"/runs/{run}/lines?q=plan+7"
    yield "against", f"/runs/{run}/variance"
    yield "against, by reason", f"/runs/{run}/variance?reason=price"
    yield "against, found", f"/runs/{run}/variance?q=Site+77"
    yield "exceptions of run", f"/runs/{run}/exceptions"
    yield "exceptions of run, found", f"/runs/{run}/exceptions?q=Site+100"
    yield "no deliveries", f"/runs/{run}/deliveries"
    yield "reconciliation, drafts", f"/runs/{run}/reconciliation"


def _of_issued_run(run: int) -> Iterator[tuple[str, str]]:
    yield "issued run", f"/runs/{run}"
    yield "its lines, last page", f"/runs/{run}/lines?at=end"
    yield "its deliveries", f"/runs/{run}/deliveries"
    yield "its failed ones", f"/runs/{run}/deliveries?state=failed"
    yield "its deliveries, found", f"/runs/{run}/deliveries?q=Customer+77"
    yield "reconciliation", f"/runs/{run}/reconciliation"
    yield "runs", "/runs/"


def _of_documents(invoice: int) -> Iterator[tuple[str, str]]:
    yield "invoices", "/invoices/"
    yield "invoices, last page", "/invoices/?at=end"
    for state in ("issued", "draft", "held", "kept", "excluded", "voided"):
        yield state, f"/invoices/?state={state}"
    yield "of a month", "/invoices/?state=issued&since=2026-06-01&until=2026-06-30"
    yield "of no month", "/invoices/?state=issued&since=2026-01-01&until=2026-01-31"
    yield "due", "/invoices/?state=issued&due_since=2026-06-02&due_until=2026-07-01"
    yield "none due", "/invoices/?state=issued&due_until=2026-05-01"
    yield "by number", "/invoices/?q=INV-2026-0000"
    yield "by account", "/invoices/?q=C777"
    yield "by name", "/invoices/?q=Customer+77"
    yield "not found", "/invoices/?q=nobody"
    yield "credit notes", "/invoices/?document_type=credit_note"
    yield "to consolidate", "/invoices/?consolidated=queued"
    yield "an invoice", f"/invoices/{invoice}"
    yield "an invoice's deliveries", f"/invoices/{invoice}?tab=deliveries"
    yield "deliveries", "/deliveries/"
    yield "failed deliveries", "/deliveries/?state=failed"
    yield "deliveries, found", "/deliveries/?q=c777@example.com"
    yield "e-mails", "/emails/"
    yield "e-mails to", "/emails/?q=c777@example.com"
    yield "e-mails of a customer", "/emails/?customer=C77"
    yield "e-mails since", "/emails/?since=2026-01-01"
    yield "consolidated", "/consolidated/"


def _of_parties() -> Iterator[tuple[str, str]]:
    yield "customers", "/customers/"
    yield "customers by name", "/customers/?sort=-name"
    yield "customers, last page", "/customers/?at=end"
    yield "customer found", "/customers/?q=Customer+77"
    yield "customer by e-mail", "/customers/?q=c777@"
    yield "a customer", "/customers/7"
    yield "its invoices", "/customers/7?tab=invoices"
    yield "its e-mails", "/customers/7?tab=mails"
    yield "its history", "/customers/7?tab=history"
    yield "clients", "/clients/"
    yield "client found", "/clients/?q=Site+777"
    yield "clients in a town", "/clients/?q=Nowhere"
    yield "a client", "/clients/7"
    yield "what it was billed", "/clients/7?tab=billed"
    yield "dealers", "/dealers/"
    yield "a dealer", "/dealers/7"
    yield "a charge", "/charges/7"
    yield "notes", "/notes/"
    yield "notes, found", "/notes/?q=keypad"
    yield "notes, one found", "/notes/?q=wants+777"
    yield "suggestions", "/customers/suggestions?name=customer&customer=Customer+77"


def _of_the_rest() -> Iterator[tuple[str, str]]:
    yield "dashboard", "/"
    yield "by dealer", "/?by=dealer"
    yield "exceptions", "/exceptions/"
    yield "exceptions, one kind", "/exceptions/?code=unknown_tax_rate"
    yield "exceptions, found", "/exceptions/?q=Site+100"
    yield "leakage, a step", "/exceptions/leakage/amounts"
    yield "leaking events, a step", "/exceptions/leakage/amounts?of=events"
    yield "activations", "/activations/"
    yield "activations, found", "/activations/?q=response+777"
    yield "meters", "/meters/"
    yield "meters, found", "/meters/?q=E777"
    yield "discounts", "/discounts/"
    yield "discounts, found", "/discounts/?q=R77"
    yield "master charges", "/master-charges/"
    yield "audit trail", "/audit/"
    yield "audit trail, found", "/audit/?q=C777"
    yield "search, a name", "/search?q=Customer+777"
    yield "search, a number", "/search?q=INV-2026-00007"
    yield "search, nothing", "/search?q=nobody"


def api(*, issued: int, in_review: int, invoice: int) -> Iterator[tuple[str, str]]:
    """Yield the API's lists and objects by name, below /api/v1."""
    yield "customers", "/customers"
    yield "customers, an account", "/customers?account=C777"
    yield "clients of a customer", "/clients?customer=C777"
    yield "charges", "/charges?limit=500"
    yield "charges of a client", "/charges?client=S777"
    yield "events", "/events"
    yield "meters", "/meters"
    yield "discounts", "/discounts"
    yield "contacts", "/contacts"
    yield "notes", "/notes"
    yield "runs", "/runs"
    yield "a run", f"/runs/{issued}"
    yield "a run's totals", f"/runs/{in_review}/totals"
    yield "a run's deliveries", f"/runs/{issued}/deliveries"
    yield "a run's variance", f"/runs/{in_review}/variance"
    yield "a run's differences", f"/runs/{in_review}/variance/lines"
    yield "reconciliation", f"/runs/{issued}/reconciliation"
    yield "invoices", "/invoices"
    yield "invoices of a run", f"/runs/{in_review}/invoices"
    yield "invoices, a number", "/invoices?number=INV-2026-000777"
    yield "an invoice", f"/invoices/{invoice}"
    yield "exceptions", "/exceptions"
    yield "exceptions of a run", f"/runs/{in_review}/exceptions"
    yield "an invoice's lines", f"/invoices/{invoice}/lines"
    yield "leakage", "/exceptions/leakage"
    yield "e-mails", "/emails"
    yield "audit", "/audit"
    yield "figures", "/figures/revenue"
    yield "due", "/figures/due"
