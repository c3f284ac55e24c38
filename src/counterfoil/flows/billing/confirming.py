"""Confirm that a charge's unbilled past is to be billed: the next run bills it, however long it is (2.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from counterfoil.core.findings import FindingCode
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.estimating import Estimate, estimate
from counterfoil.flows.billing.review import need_reason
from counterfoil.records.billing.models import BillingException
from counterfoil.records.charges.actions import confirm_past
from counterfoil.records.charges.models import Charge, PastConfirmation
from counterfoil.records.organisation.models import User

RATED_AS_REMEDIED = frozenset({FindingCode.TOO_MANY_PAST_PERIODS, FindingCode.CUSTOMER_INACTIVE})


class NothingToConfirm(Refusal):
    """Exception {exception} is not about unbilled past periods, so there is nothing to confirm. Mend what it names."""


class NoSuchException(Refusal):
    """There is no exception {exception}. `counterfoil run exceptions RUN` lists those of a run."""


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """A charge, and the day up to which its periods are now billed whatever their number."""

    charge: str
    ends_before: date


def confirm(
    exception_ids: Sequence[int],
    *,
    reason: str,
    by: User | None,
    now: datetime,
    ends_before: date | None = None,
) -> list[Confirmed]:
    """Confirm the unbilled periods that exceptions are about, up to *ends_before*, None: their run's cut-off.

    A day confirmed before is never brought back. Raises `NoSuchException`, `NothingToConfirm`, `ReasonMissing`.
    """
    need_reason(reason)
    with transaction.atomic():
        found = BillingException.objects.select_related("run", "charge").in_bulk(list(exception_ids))
        confirmations = []
        for exception_id in exception_ids:
            exception = found.get(exception_id)
            if exception is None:
                raise NoSuchException(exception=exception_id)
            if exception.code != FindingCode.TOO_MANY_PAST_PERIODS or exception.charge is None:
                raise NothingToConfirm(exception=exception_id)
            confirmations.append(
                PastConfirmation(
                    charge=exception.charge,
                    ends_before=ends_before or exception.run.cutoff,
                    reason=reason,
                    confirmed_by=by,
                    confirmed_at=now,
                )
            )
        return [
            Confirmed(charge=one.charge.key, ends_before=one.ends_before)
            for one in confirm_past(confirmations)
        ]


def would_bill(exceptions: Iterable[BillingException]) -> dict[int, Estimate]:
    """Return by id what the charges of *exceptions* would bill once these are remedied: confirmed, customers active.

    Up to the cut-off of the run that set each aside, net; one that is billed since is not among them, nor one of
    another kind, whose amount follows from what somebody has yet to say.
    """
    late = [one for one in exceptions if one.code in RATED_AS_REMEDIED and one.charge]
    payers = dict(
        Charge.objects.filter(pk__in=[one.charge_id for one in late]).values_list("pk", "who_pays__payer_id")
    )
    found: dict[int, Estimate] = {}
    for cutoff in sorted({one.run.cutoff for one in late}):
        of_cutoff = [one for one in late if one.run.cutoff == cutoff]
        charges = {one.charge_id: payers[one.charge_id] for one in of_cutoff}
        estimates = estimate(charges=charges, events={}, cutoff=cutoff, are_active=True).charges
        found |= {one.pk: estimates[one.charge_id] for one in of_cutoff if one.charge_id in estimates}
    return found


def all_would_bill(exceptions: Iterable[BillingException]) -> dict[str, int]:
    """Return by currency what remedying all of *exceptions* would bill, net: each charge once, up to its last cut-off.

    Several runs may have set the same charge aside.
    """
    last: dict[int | None, BillingException] = {}
    for one in sorted(exceptions, key=lambda one: one.run.cutoff):
        last[one.charge_id] = one
    sums: dict[str, int] = {}
    for found in would_bill(last.values()).values():
        if found.currency:
            sums[found.currency] = sums.get(found.currency, 0) + found.net_minor
    return dict(sorted(sums.items()))
