"""Consolidated billings as plain values, for who prints or mails them (billing-rules 8.9)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from counterfoil.core.billing_document import BillingDocument, BillingEntry
from counterfoil.core.document import Document
from counterfoil.documents.look import Look
from counterfoil.documents.wording import words_of
from counterfoil.flows.billing.documents import buyer_of, documents_of, look_of, seller_of
from counterfoil.flows.consolidating.listing import Source, description_text, source_text
from counterfoil.records.audit import as_of
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import BillingMember, ConsolidatedBilling, InvoiceLine
from counterfoil.records.organisation.models import Branch, Organisation
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer


def reference_of(billing_id: int) -> str:
    """Return our own reference, unique for ever."""
    return f"counterfoil:billing:{billing_id}"


def billing_documents_of(billings: Sequence[ConsolidatedBilling]) -> list[BillingDocument]:
    """Return *billings* as values, in their order, each with a copy of its documents.

    Seller, branch and buyer are shown as they were when the billing was made, the documents as they were issued.
    """
    ids = [billing.pk for billing in billings]
    stored = queries.with_state(ConsolidatedBilling.objects.all()).in_bulk(ids)
    members = list(
        BillingMember.objects.filter(billing__in=ids)
        .select_related("invoice")
        .order_by("billing_id", "position")
    )
    invoices = [member.invoice for member in members]
    documents = dict(
        zip([one.pk for one in invoices], documents_of(invoices, is_sent_with_billing=True), strict=True)
    )
    sources = _sources_of(list(documents))
    by_billing = {key: list(group) for key, group in groupby(members, key=lambda member: member.billing_id)}
    return [
        _document(
            stored[pk],
            documents=[documents[member.invoice_id] for member in by_billing[pk]],
            sources=[sources.get(member.invoice_id, ()) for member in by_billing[pk]],
        )
        for pk in ids
    ]


def with_looks(billings: Sequence[ConsolidatedBilling]) -> list[tuple[BillingDocument, Look]]:
    """Return *billings* as `billing_documents_of` does, each with the look that the organisation had then."""
    organisation, looks = the_organisation(), {}
    for moment in {billing.created_at for billing in billings}:
        then = as_of(Organisation, [organisation.pk], moment=moment).get(organisation.pk, organisation)
        looks[moment] = look_of(then, moment=moment)  # type: ignore[arg-type]
    documents = billing_documents_of(billings)
    return [
        (document, looks[billing.created_at]) for document, billing in zip(documents, billings, strict=True)
    ]


def _document(
    billing: ConsolidatedBilling,
    *,
    documents: Sequence[Document],
    sources: Sequence[Sequence[Source]],
) -> BillingDocument:
    seller, branch, buyer = _people_of(billing)
    language = buyer.language or seller.language
    words = words_of(language)
    return BillingDocument(
        number=billing.number,
        billing_date=billing.billing_date,
        due_date=billing.due_on,
        currency=billing.currency,
        seller=seller_of(seller, branch=branch),
        buyer=buyer_of(buyer),
        entries=tuple(
            BillingEntry(
                document=document,
                source=source_text(source, credited=document.credited_number, words=words),
                description=description_text([line.description for line in document.itemised], words=words),
                due_minor=document.gross_minor,
            )
            for document, source in zip(documents, sources, strict=True)
        ),
        tax_minor=billing.tax_minor,
        total_minor=billing.gross_minor,
        reference=reference_of(billing.pk),
        branch=billing.branch.code,
        language=language,
        description=billing.description,
        purchase_order=billing.po_number,
        is_void=queries.is_void(billing),
    )


def _people_of(billing: ConsolidatedBilling) -> tuple[Organisation, Branch, BillingCustomer]:
    organisation = the_organisation()
    moment = billing.created_at
    seller = as_of(Organisation, [organisation.pk], moment=moment).get(organisation.pk, organisation)
    branch = as_of(Branch, [billing.branch_id], moment=moment).get(billing.branch_id, billing.branch)
    buyer = as_of(BillingCustomer, [billing.customer_id], moment=moment).get(
        billing.customer_id, billing.customer
    )
    return seller, branch, buyer  # type: ignore[return-value]


def _sources_of(invoice_ids: Sequence[int]) -> dict[int, list[Source]]:
    """Return by invoice the events that it bills: kind and key of each, in order."""
    lines = InvoiceLine.objects.filter(invoice__in=invoice_ids, event_charge__isnull=False)
    rows = lines.order_by("invoice_id", "line_no").values_list(
        "invoice_id", "event_charge__event__kind", "event_charge__event__key"
    )
    sources: dict[int, list[Source]] = {}
    for invoice_id, kind, key in rows:
        sources.setdefault(invoice_id, []).append((kind, key))
    return sources
