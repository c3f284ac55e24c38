"""A month of billing: credits, bills, a person's second thoughts, documents, and now and then a crash."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

from django.db import DatabaseError

from counterfoil.flows.billing import deliver, issue, review, revising, run, voiding
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice, left_of
from counterfoil.records.billing.models import Invoice, InvoiceLine, Run, RunStatus
from tests import build
from tests.faults.moments import DISK_FULL, TERMINATE, Moment, planted, wait_until_it_answers
from tests.simulation.company import Company

SHARD_CHARGES = 10
CRASHES = [
    Moment("INSERT", "billing_invoice"),
    Moment("INSERT", "billing_invoiceline", 3),
    Moment("UPDATE", "charges_chargespan", 2),
    Moment("UPDATE", "billing_runshard"),
    Moment("INSERT", "billing_runtotal"),
]
CRASH_OF_ISSUE = Moment("INSERT", "billing_documentnumber", 2)
FOREVER = date(2100, 1, 1)


class Month:
    """What is done with *company* for the run of *day*; `now` is eight o'clock of it."""

    def __init__(self, company: Company, *, day: date) -> None:
        self.company, self.day = company, day
        self.random: Random = company.random

    def now(self) -> datetime:
        """Return the moment at which everything of this month is done."""
        return datetime(self.day.year, self.day.month, self.day.day, 8, tzinfo=UTC)

    def credit(self) -> Run:
        """Credit what is no longer served, by days."""
        return self.generate(cutoff=FOREVER, credit_basis="daily")

    def bill(self) -> Run:
        """Bill what is due."""
        return self.generate(cutoff=self.day)

    def generate(self, *, cutoff: date, **selection: str) -> Run:
        """Generate a run; in one month of three something breaks while it is stored, and it is resumed."""
        request = replace(
            build.request(cutoff=cutoff, kinds=("service", "sale"), send_email=False, **selection),
            invoice_date=self.day,
        )
        made = run.open_run(request, by=None, now=self.now(), shard_charges=SHARD_CHARGES)
        crash = self.random.choice(CRASHES) if self.random.randrange(3) == 0 else None
        try:
            with self._broken(crash):
                return run.resume(made, now=self.now)
        except DatabaseError:
            self.company.note(f"run {made.pk} broke at {crash}")
            wait_until_it_answers()
            return run.resume(Run.objects.get(pk=made.pk), now=self.now)

    def review(self, made: Run) -> None:
        """Hold, exclude, waive and adjust some drafts of *made*."""
        drafts = list(Invoice.objects.filter(run=made).order_by("pk"))
        self.random.shuffle(drafts)
        for draft in drafts[:4]:
            decision = {"reason": "simulated", "by": None, "now": self.now()}
            lines = list(InvoiceLine.objects.filter(invoice=draft, kind="charge", net_minor__gt=0))
            what = self.random.choice(["hold", "exclude", "waive", "adjust", "leave"])
            self.company.note(f"draft {draft.pk}: {what}")
            if what == "hold":
                review.hold([draft.pk], **decision)
            elif what == "exclude":
                review.exclude([draft.pk], **decision)
            elif what in ("waive", "adjust") and lines:
                self.company.touched_by_hand(draft)
                try:
                    if what == "waive":
                        revising.waive([lines[0].pk], **decision)
                    else:
                        revising.adjust([lines[0].pk], amount="1.23", **decision)
                except revising.BelowZero as refusal:  # rightly: credits are left that a charge made up for
                    self.company.note(str(refusal))

    def issue(self, made: Run) -> None:
        """Authorise *made* and give the numbers; now and then that breaks, and is done again."""
        issue.authorise(made.pk, by=None, now=self.now())
        crash = CRASH_OF_ISSUE if self.random.randrange(6) == 0 else None
        try:
            with self._broken(crash):
                issue.issue(made.pk, today=self.day, now=self.now)
        except DatabaseError:
            self.company.note(f"issue of run {made.pk} broke")
            wait_until_it_answers()
            issue.issue(made.pk, today=self.day, now=self.now)

    def release_what_is_held(self) -> None:
        """Release the drafts held in earlier months, dated anew, and issue them."""
        held = Invoice.objects.filter(hold__isnull=False, exclusion__isnull=True)
        held = held.exclude(run__status=RunStatus.VOIDED).order_by("pk")
        for draft in held:
            decision = {"reason": "released late", "by": None, "now": self.now()}
            issuable = draft.pk
            if draft.invoice_date < self.day:
                [issuable] = revising.redate([draft.pk], invoice_date=self.day, **decision)
            review.release([issuable])
            owner = Invoice.objects.get(pk=issuable).run
            if owner.status in (RunStatus.AUTHORISED, RunStatus.ISSUED):
                issue.issue(owner.pk, today=self.day, now=self.now)

    def void_some(self, made: Run) -> list[Invoice]:
        """Void a document of the run just issued, and return it; none in most months."""
        documents = list(Invoice.objects.filter(run=made, number__isnull=False).order_by("pk"))
        if not documents or self.random.randrange(4):
            return []
        chosen = self.random.choice(documents)
        voiding.void_invoices([chosen.pk], reason="simulated", by=None, now=self.now())
        self.company.note(f"invoice {chosen.pk} voided")
        return [chosen]

    def void_run(self, made: Run) -> bool:
        """Void the whole run just issued, in one month of six; return whether it was."""
        if self.random.randrange(6):
            return False
        voiding.void_run(made.pk, reason="simulated", by=None, now=self.now())
        self.company.note(f"run {made.pk} voided")
        return True

    def credit_by_hand(self) -> None:
        """Give back a little of an issued invoice, or all of it and bill it again."""
        issued = list(
            Invoice.objects.filter(
                number__isnull=False, void__isnull=True, credits__isnull=True, gross_minor__gt=0
            )
            .exclude(run__status=RunStatus.VOIDED)
            .order_by("pk")
        )
        if not issued or self.random.randrange(3):
            return
        chosen = self.random.choice(issued)
        left = int(left_of(chosen.pk).get_column("left_minor").sum())
        again = self.random.randrange(3) == 0
        if left <= 0:
            return
        asked = CreditAsked(
            invoice_id=chosen.pk,
            invoice_date=self.day,
            amount=None if again else max(left // 3, 1),
            bills_again=again,
        )
        self.company.note(f"invoice {chosen.pk} credited by hand{', billed again' if again else ''}")
        self.company.touched_by_hand(chosen)
        self.issue(credit_invoice(asked, reason="simulated", by=None, now=self.now()))

    def deliver(self, made: Run) -> None:
        """Send the run's documents over its connector."""
        deliver.deliver(made.pk, now=self.now)

    def _broken(self, crash: Moment | None):  # type: ignore[no-untyped-def]
        if crash is None:
            return nullcontext()
        return planted(crash, self.random.choice([DISK_FULL, TERMINATE]))
