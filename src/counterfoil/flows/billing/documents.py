"""Invoices as plain values, for who prints, mails or carries them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby

from counterfoil.core.amalgamation import amalgamated
from counterfoil.core.document import (
    Address,
    Document,
    DocumentLine,
    DocumentType,
    LineDiscount,
    Party,
    TaxGroup,
)
from counterfoil.core.money import STEPS, parse_steps
from counterfoil.core.periods import DateRange
from counterfoil.core.recipients import addresses_in
from counterfoil.core.terms import parse_terms
from counterfoil.core.usage_text import calculation_text
from counterfoil.documents.look import Look, Texts
from counterfoil.documents.wording import words_of
from counterfoil.records.audit import as_of
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import Invoice, InvoiceLine, LineKind, RunStatus
from counterfoil.records.organisation.models import Branch, DocumentTexts, Logo, Organisation
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer, Client

BESIDE = ("customer", "branch", "number", "run", "void", "credits__number")


def reference_of(invoice_id: int) -> str:
    """Return our own reference, unique for ever, by which other systems are asked (12.6)."""
    return f"counterfoil:invoice:{invoice_id}"


def documents_of(invoices: Sequence[Invoice], *, is_sent_with_billing: bool = False) -> list[Document]:
    """Return *invoices* as values, in their order; the queries grow with the moments of issue, not the invoices.

    An issued document shows seller, branch, buyer and clients as they were when it was issued, for ever; a draft shows
    them as they are. What goes out with a consolidated billing is alone a copy, unless it *is_sent_with_billing* (8.2).
    """
    found = _with_people(invoices, is_sent_with_billing=is_sent_with_billing)
    return [document for document, _people in found]


def documents_with_looks(invoices: Sequence[Invoice]) -> list[tuple[Document, Look]]:
    """Return *invoices* as `documents_of` does, each with its look, which is that of its issue as well."""
    found = _with_people(invoices)
    looks = {id(people): look_of(people.organisation, moment=people.moment) for _document, people in found}
    return [(document, looks[id(people)]) for document, people in found]


def _with_people(
    invoices: Sequence[Invoice], *, is_sent_with_billing: bool = False
) -> list[tuple[Document, People]]:
    ids = [invoice.pk for invoice in invoices]
    stored = Invoice.objects.select_related(*BESIDE).in_bulk(ids)
    lines = InvoiceLine.objects.filter(invoice_id__in=ids).select_related("client", "tax_category")
    by_invoice = {
        key: list(group)
        for key, group in groupby(lines.order_by("invoice_id", "line_no"), key=lambda line: line.invoice_id)
    }
    by_moment: dict[datetime | None, list[int]] = {}
    for pk in ids:
        by_moment.setdefault(_issued_at(stored[pk]), []).append(pk)
    copies = set() if is_sent_with_billing else {*queries.queued_of(ids), *queries.live_billings_of(ids)}
    documents = {}
    for moment, issued_then in by_moment.items():
        people = _people_at(moment, [stored[pk] for pk in issued_then], by_invoice)
        for pk in issued_then:
            document = _document(stored[pk], lines=by_invoice[pk], people=people, is_copy=pk in copies)
            documents[pk] = (document, people)
    return [documents[pk] for pk in ids]


@dataclass(frozen=True, kw_only=True)
class People:
    """Who stands on documents, as they were at one *moment*, None for now; all but the organisation by id."""

    moment: datetime | None
    organisation: Organisation
    branches: Mapping[int, Branch]
    customers: Mapping[int, BillingCustomer]
    clients: Mapping[int, Client]


def _issued_at(invoice: Invoice) -> datetime | None:
    return invoice.number.issued_at if hasattr(invoice, "number") else None


def _people_at(
    moment: datetime | None, invoices: list[Invoice], lines: Mapping[int, list[InvoiceLine]]
) -> People:
    branches = {invoice.branch_id: invoice.branch for invoice in invoices}
    customers = {invoice.customer_id: invoice.customer for invoice in invoices}
    clients = {line.client_id: line.client for invoice in invoices for line in lines[invoice.pk]}
    organisation = the_organisation()
    if moment is None:
        return People(
            moment=None, organisation=organisation, branches=branches, customers=customers, clients=clients
        )
    seller = as_of(Organisation, [organisation.pk], moment=moment).get(organisation.pk, organisation)
    return People(
        moment=moment,
        organisation=seller,
        branches={**branches, **as_of(Branch, branches, moment=moment)},
        customers={**customers, **as_of(BillingCustomer, customers, moment=moment)},
        clients={**clients, **as_of(Client, clients, moment=moment)},
    )


def look_of(organisation: Organisation, *, moment: datetime | None = None) -> Look:
    """Return how the documents of *organisation*, itself as it was at *moment*, looked then; None is now."""
    texts = {texts.pk: texts for texts in DocumentTexts.objects.all()}
    if moment is not None:
        texts = as_of(DocumentTexts, texts, moment=moment)
    logo = Logo.objects.filter(pk=organisation.logo_id).values_list("content", flat=True).first()
    return Look(
        accent=organisation.accent_color,
        logo=bytes(logo or b""),
        footer_text=organisation.footer,
        payment_text=organisation.payment_note,
        columns=tuple(organisation.line_columns),
        texts={
            one.language: Texts(
                header=one.header,
                payment_note=one.payment_note,
                footer=one.footer,
                mail_subject=one.mail_subject,
                mail_body=one.mail_body,
            )
            for one in texts.values()
        },
    )


def _document(invoice: Invoice, *, lines: list[InvoiceLine], people: People, is_copy: bool) -> Document:
    number = getattr(invoice, "number", None)
    organisation, customer = people.organisation, people.customers[invoice.customer_id]
    terms = customer.payment_terms or organisation.payment_terms
    language = customer.language or organisation.language
    itemised = tuple(
        _line(line, client=people.clients[line.client_id], currency=invoice.currency) for line in lines
    )
    formal = itemised
    if invoice.is_amalgamated:
        called = words_of(language)["formal_line"]
        formal = amalgamated(itemised, description=called, currency=invoice.currency)
    return Document(
        number=number.number if number else None,
        document_type=DocumentType(invoice.document_type),
        invoice_date=invoice.invoice_date,
        due_date=number.due_on if number else _due(terms, invoice.invoice_date),
        currency=invoice.currency,
        seller=seller_of(organisation, branch=people.branches[invoice.branch_id]),
        buyer=buyer_of(customer),
        lines=formal,
        breakdown=itemised if invoice.is_amalgamated else (),
        tax_groups=_tax_groups(lines),
        net_minor=invoice.net_minor,
        tax_minor=invoice.tax_minor,
        gross_minor=invoice.gross_minor,
        reference=reference_of(invoice.pk),
        credited_number=invoice.credits.number.number if invoice.credits else None,
        credited_date=invoice.credits.invoice_date if invoice.credits else None,
        is_copy=is_copy,
        is_void=hasattr(invoice, "void") or invoice.run.status == RunStatus.VOIDED,
        branch=invoice.branch.code,
        language=language,
        payment_terms=terms,
        purchase_order=invoice.po_number,
        tax_point=invoice.run.tax_point,
    )


def _due(terms: str, invoice_date: date) -> date:
    return parse_terms(terms).due_date(invoice_date)


def _line(line: InvoiceLine, *, client: Client, currency: str) -> DocumentLine:
    return DocumentLine(
        line_no=line.line_no,
        charge_code=line.code,
        ledger_code=line.ledger_code,
        description=line.description,
        client=client.code,
        client_name=client.name,
        period=DateRange(line.period_start, line.period_end),
        quantity_steps=int(line.quantity * STEPS),
        unit_price_steps=int(line.unit_price * STEPS),
        fraction=Fraction(line.fraction_num, line.fraction_den),
        net_minor=line.net_minor,
        tax_minor=line.tax_minor,
        tax_category=line.tax_category.code,
        tax_rate_steps=int(line.tax_rate * STEPS),
        discounts=discounts_of(line),
        includes_tax=line.includes_tax,
        **_usage_of(line, currency=currency),
    )


def _usage_of(line: InvoiceLine, *, currency: str) -> dict[str, str]:
    """Return the unit and the calculation of a line of usage; nothing for others (billing-rules 4.4)."""
    if line.kind != LineKind.USAGE or not line.details:
        return {}
    details = json.loads(line.details)
    amount = line.net_minor + line.discount_minor
    if line.includes_tax:
        amount += line.tax_minor
    return {
        "unit": details.get("unit", ""),
        "calculation": calculation_text(details, amount_minor=amount, currency=currency),
    }


def discounts_of(line: InvoiceLine) -> tuple[LineDiscount, ...]:
    """Return the discounts that were taken off *line*, in their order; `engine.discounts` named them (4.5)."""
    named = json.loads(line.details).get("discounts", []) if line.details else []
    return tuple(
        LineDiscount(
            name=one["name"],
            percent_steps=parse_steps(one["percent"]) if "percent" in one else None,
            minor=int(one["minor"]),
        )
        for one in named
    )


def _tax_groups(lines: list[InvoiceLine]) -> tuple[TaxGroup, ...]:
    """Return the groups in order of first appearance: the tax of a group is that of its lines (5.2, 5.3)."""
    groups: dict[tuple[str, int, bool], list[InvoiceLine]] = {}
    for line in lines:
        key = (line.tax_category.code, int(line.tax_rate * STEPS), line.includes_tax)
        groups.setdefault(key, []).append(line)
    return tuple(
        TaxGroup(
            tax_category=category,
            tax_rate_steps=rate,
            net_minor=sum(line.net_minor for line in members),
            tax_minor=sum(line.tax_minor for line in members),
            includes_tax=includes_tax,
        )
        for (category, rate, includes_tax), members in groups.items()
    )


def seller_of(organisation: Organisation, *, branch: Branch | None) -> Party:
    """Return *organisation* as it stands on documents of *branch*, None where they are of no single one.

    A branch's address takes the place of the organisation's as a whole, so that no street stands in another's city.
    """
    at = branch if branch and (branch.address or branch.postcode or branch.city) else organisation
    email = (branch and branch.email) or organisation.email
    return Party(
        name=organisation.legal_name or organisation.name,
        address=Address(
            lines=tuple(at.address.splitlines()),
            postcode=at.postcode,
            city=at.city,
            country=organisation.country,
        ),
        tax_id=organisation.tax_id,
        registration_id=organisation.registration,
        emails=(email,) if email else (),
        phone=(branch and branch.phone) or organisation.phone,
        website=organisation.website,
        bank_account=organisation.iban,
        bank_identifier=organisation.bic,
    )


def buyer_of(customer: BillingCustomer) -> Party:
    """Return who pays, as documents name them."""
    return Party(
        name=customer.name,
        account=customer.account,
        address=Address(
            lines=tuple(customer.address.splitlines()),
            postcode=customer.postcode,
            city=customer.city,
            country=customer.country,
        ),
        tax_id=customer.tax_id,
        emails=addresses_in(customer.email),
    )
