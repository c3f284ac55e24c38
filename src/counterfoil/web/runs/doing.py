"""What can be done about a run now, and of what cannot, why."""

from __future__ import annotations

from django.db.models import Exists, QuerySet
from django.utils.translation import gettext

from counterfoil.records.billing.models import Run, RunStatus
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Role, User
from counterfoil.web.access import Need

UNDER_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING)


def why_not(run: Run, *, user: User, documents: int, is_own: bool) -> dict[str, str]:
    """Return why *user* cannot authorise, void or deliver *run* now, empty for what can be done.

    *run* is one `with_queue`; *documents* is how many count; *is_own* says that four eyes are wanted and that two of
    them are the person's.
    """
    approves = Need(roles=frozenset({Role.APPROVER})).is_met_by(user.role)
    delivers = Need(roles=frozenset({Role.BILLER, Role.APPROVER})).is_met_by(user.role)
    authorise = void = deliver = ""
    if not approves:
        authorise = gettext("Only an approver authorises a run. Ask one of them.")
        void = gettext("Only an approver voids a run. Ask one of them.")
    elif is_own:
        authorise = gettext(
            "You generated this run or revised its drafts, and the organisation wants four eyes: a colleague who "
            "approves must authorise it."
        )
    if not documents:
        authorise = authorise or gettext(
            "No document of this run counts: there is nothing to issue. Abandon it."
        )
        void = void or gettext("No document of this run counts any more: there is nothing to void.")
    if not delivers:
        deliver = gettext("Only a biller or an approver has a run delivered. Ask one of them.")
    elif run.status == RunStatus.ISSUED and not run.is_anything_queued:  # type: ignore[attr-defined]
        deliver = gettext("Nothing of this run is queued. What failed is sent again from its deliveries.")
    return {"authorise": authorise, "void": void, "deliver": deliver}


def with_queue(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Return *runs* with whether `is_anything_queued`, of whichever run: what one run has queued has no index."""
    return runs.annotate(is_anything_queued=Exists(Delivery.objects.filter(state__in=UNDER_WAY)))
