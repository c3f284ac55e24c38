"""Load the demo bureau: store it, bill its past months through the real flows, leave this month in review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from random import Random

from django.db import transaction

from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.deliver import deliver
from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.billing.requesting import definition_named, request_by_definition
from counterfoil.flows.billing.run import Progress, generate, resume
from counterfoil.flows.billing.variance import keep_comparison
from counterfoil.flows.demo.bureau import store_charges, store_parties
from counterfoil.flows.demo.catalogue import store_catalogue, store_overrides
from counterfoil.flows.demo.happenings import store_happenings
from counterfoil.flows.demo.history import DEFINITIONS, MONTHS_OF_HISTORY, is_billed
from counterfoil.flows.installing import create_missing_definitions
from counterfoil.records.billing.models import Run, RunStatus
from counterfoil.records.labels import english
from counterfoil.records.organisation import actions as organisations
from counterfoil.records.organisation.models import Branch, Organisation, Role, User
from counterfoil.records.parties import actions as parties
from counterfoil.records.parties.models import BillingCustomer

SEED = 20_260_601
PASSWORD = "harbour-watch"  # noqa: S105  of the demo bureau only; everybody may know it


class NotADemo(Refusal):
    """This installation is {name}, not a demo. Load the demo bureau into a COUNTERFOIL_HOME of its own."""


def load_demo(
    *,
    today: date,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    months: int = MONTHS_OF_HISTORY,
) -> bool:
    """Load the demo bureau as of *today*, the same one every time; return False if all of it is there already.

    The *months* before this one are billed, issued and delivered; this month's runs are left in review. A load
    that was interrupted goes on where it stopped. Raises `NotADemo` in an installation that is set up for
    something else.
    """
    first_run = Run.objects.order_by("cutoff").first()
    opening = first_run.cutoff if first_run else _months_before(today.replace(day=1), months=months)
    with transaction.atomic():
        organisations.lock_setting_up()
        found = Organisation.objects.first()
        if found is not None:
            if not found.is_demo:
                raise NotADemo(name=found.name)
            if is_billed(months=months):
                return False
        else:
            _store_bureau(Random(SEED), opening=opening, today=today)  # noqa: S311  no secret
    for month in range(months + 1):
        _bill_month(_months_before(opening, months=-month), today=today, now=now)
        if month == months - 1:
            _close_a_customer()
        if progress:
            progress(month + 1, months + 1)
    return True


def _store_bureau(random: Random, *, opening: date, today: date) -> None:
    organisation = organisations.create_organisation(_organisation())
    branches = organisations.create_branches(
        [
            Branch(organisation=organisation, code="main", name="Port Merrow", city="Port Merrow"),
            Branch(organisation=organisation, code="west", name="Gullhaven", city="Gullhaven"),
        ]
    )
    organisations.create_users(
        (
            User(
                username=role.value,
                first_name=f"Demo {english(role.label)}",
                email=f"{role.value}@example.com",
                role=role,
                is_staff=role is Role.ADMINISTRATOR,
                is_superuser=role is Role.ADMINISTRATOR,
            )
            for role in Role
        ),
        password=PASSWORD,
    )
    create_missing_definitions()
    catalogue = store_catalogue()
    people = store_parties(random, branches=branches, today=today)
    store_overrides(catalogue, dealers=people.dealers, customers=people.customers)
    store_charges(random, clients=people.clients, catalogue=catalogue, opening=opening, today=today)
    store_happenings(random, clients=people.clients, opening=opening, today=today)


def _organisation() -> Organisation:
    return Organisation(
        name="Harbour Watch Monitoring",
        legal_name="Harbour Watch Monitoring Ltd (an invented company)",
        address="1 Lighthouse Lane",
        postcode="HW1 1AB",
        city="Port Merrow",
        country="IE",
        email="billing@harbour-watch.example.com",
        website="https://harbour-watch.example.com",
        payment_note="Please give the invoice number with your payment.",
        footer="A demo of Counterfoil. Nobody owes anything.",
        text_ledger_code="4900",
        timezone="Europe/Dublin",
        is_demo=True,
    )


def _bill_month(first_day: date, *, today: date, now: Callable[[], datetime]) -> None:
    """Bill what is due up to *first_day* by both definitions; a month that is over is issued and delivered.

    What an interrupted load has done of it is not done again. History is not mailed: the demo's people do not
    exist, and a mail server may be set up.
    """
    is_over = first_day < today.replace(day=1)
    people = {user.username: user for user in User.objects.filter(username__in=["biller", "approver"])}
    for name in DEFINITIONS:
        run = Run.objects.filter(definition__name=name, cutoff=first_day).first()
        if run is None:
            request = request_by_definition(definition_named(name), cutoff=first_day, invoice_date=first_day)
            if is_over:
                request = replace(request, selection=replace(request.selection, send_email=False))
            run = generate(request, by=people["biller"], now=now)
        elif run.status == RunStatus.GENERATING:
            run = resume(run, now=now)
        if is_over and run.status == RunStatus.IN_REVIEW:
            run = authorise(run.pk, by=people["approver"], now=now())
        if is_over:
            issue(run.pk, today=today, now=now)
            deliver(run.pk, now=now)
        else:
            keep_comparison(run, now=now())


def _close_a_customer() -> None:
    """Close a customer whose charges go on: this month they become exceptions."""
    with transaction.atomic():
        leaving = BillingCustomer.objects.filter(dealers=None).order_by("account")[5]
        leaving.is_active = False
        parties.change_customers([leaving], fields=["is_active"])


def _months_before(first_day: date, *, months: int) -> date:
    """Return the first day of the month *months* before that of *first_day*."""
    count = first_day.year * 12 + first_day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
