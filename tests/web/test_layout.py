"""The frame and its parts: where one is, what runs, which branch, what is asked, what failed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from counterfoil.records.organisation.models import Role
from counterfoil.web import subjects
from counterfoil.web.layout.navigation import sections
from counterfoil.web.layout.news import News
from counterfoil.web.layout.search import found
from counterfoil.web.layout.work import Work, time_left_text
from tests.web import bureau, guide


def _work(done: int, total: int = 312) -> Work:
    return Work(
        title="Run 2026-06",
        stage="Issuing invoices",
        done=done,
        total=total,
        unit="invoices",
        started_at=bureau.MOMENT,
        address="/guide/work",
    )


def test_the_entry_nearest_above_the_page_is_marked() -> None:
    def marked(path: str) -> list[str]:
        return [
            link.label
            for s in sections(guide.NAVIGATION, role="viewer", path=path)
            for link in s.links
            if link.is_here
        ]

    assert marked("/guide/invoices/7") == ["Invoices"]
    assert marked("/guide/invoices") == ["Invoices"]
    assert marked("/elsewhere") == []


def test_a_group_without_entries_for_the_role_is_not_shown() -> None:
    assert "Accounting" not in [s.label for s in sections(guide.NAVIGATION, role="biller", path="/")]
    assert "Accounting" in [s.label for s in sections(guide.NAVIGATION, role="accountant", path="/")]


def test_no_two_pages_are_gone_to_by_the_same_key() -> None:
    keys = [entry.key for group in subjects.NAVIGATION for entry in group.entries if entry.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("done", "seconds", "percent", "rate", "left"),
    [
        (0, 30, 0, 0, ""),  # nobody can know yet
        (104, 2, 33, 52, ""),  # too early to tell
        (104, 8, 33, 13, "about 16 seconds left"),  # 208 more at 13 a second
        (156, 600, 50, 0, "about 10 minutes left"),
        (311, 312, 99, 0, "about 1 second left"),
    ],
)
def test_work_says_how_far_how_fast_and_how_long(
    done: int, seconds: int, percent: int, rate: int, left: str
) -> None:
    work, now = _work(done), bureau.MOMENT + timedelta(seconds=seconds)
    assert (work.percent, work.rate(now=now)) == (percent, rate)
    assert time_left_text(work.time_left(now=now)) == left


def test_work_without_a_total_is_at_nothing() -> None:
    assert _work(0, total=0).percent == 0


def test_a_poll_shows_progress_until_it_leads_to_the_result(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    client = signed_in()
    first = client.get("/guide/poll").content.decode()
    assert "104 of 312 invoices" in first
    assert 'hx-get="/guide/poll"' in first
    guide.POLLS["count"] = 4
    assert client.get("/guide/poll")["HX-Redirect"] == "/guide/invoices"


def test_the_top_bar_shows_what_runs_and_asks_again_only_then(
    signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.organisation()
    client = signed_in()
    assert "hx-trigger" not in client.get("/running").content.decode()
    monkeypatch.setattr(subjects, "NEWS", lambda _user: News(works=[_work(104)]))
    running = client.get("/running").content.decode()
    assert 'hx-trigger="every 3s"' in running
    assert "33 %" in running


def test_a_chosen_branch_limits_what_is_seen(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    dublin, cork = bureau.branches()
    bureau.invoices(bureau.customers(11, branches=[dublin, cork]))  # 5 Dublin, 6 Cork
    client = signed_in()
    answer = client.post("/branch", {"branch": cork.pk, "next": "/guide/invoices"})
    assert answer["Location"] == "/guide/invoices"
    assert "<strong>6</strong> invoices" in client.get("/guide/invoices").content.decode()
    client.post("/branch", {"branch": "", "next": "/guide/invoices"})
    assert "<strong>11</strong> invoices" in client.get("/guide/invoices").content.decode()


def test_whoever_is_limited_to_a_branch_cannot_choose_another(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    dublin, cork = bureau.branches()
    bureau.invoices(bureau.customers(11, branches=[dublin, cork]))
    client = signed_in()
    bureau.User.objects.get().branches.add(dublin)
    client.post("/branch", {"branch": cork.pk, "next": "/guide/invoices"})
    html = client.get("/guide/invoices").content.decode()
    assert "<strong>5</strong> invoices" in html
    assert "All branches" not in html


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_choosing_a_branch_leads_nowhere_else(signed_in: Callable[..., Client], address: str) -> None:
    bureau.organisation()
    assert signed_in().post("/branch", {"branch": "", "next": address})["Location"] == "/"


def test_search_finds_by_kind_from_two_characters(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    bureau.customers(70, branches=bureau.branches())
    client = signed_in()
    typed = client.get("/search?q=Alder", headers={"HX-Request": "true"}).content.decode()
    assert typed.count("<li>") == 5
    assert client.get("/search?q=Alder").content.decode().count('<li><a href="/guide/invoices?q=C') == 7
    assert "at least two characters" in client.get("/search?q=A").content.decode()
    assert "Nothing found" in client.get("/search?q=zzz").content.decode()
    assert found(guide.SEARCHES, user=None, words="A", limit=5) == []


def test_a_question_is_answered_only_as_it_was_asked(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    customers = bureau.customers(3, branches=bureau.branches())
    bureau.invoices(customers[:2])
    client = signed_in()
    asked = client.post("/guide/invoices/hold", {"everything": "1"}).content.decode()
    assert "Hold 2 invoices, €296.90." in asked  # 118.76 + 178.14
    mark = asked.split('name="agreed" value="')[1].split('"')[0]
    without_reason = client.post("/guide/invoices/hold", {"everything": "1", "agreed": mark})
    assert "Say why." in without_reason.content.decode()

    bureau.Invoice.objects.bulk_create([bureau._invoice(3, customers[2], bureau.Run.objects.get())])
    agreed = {"everything": "1", "agreed": mark, "reason": "disputed"}
    again = client.post("/guide/invoices/hold", agreed).content.decode()
    assert "The numbers have changed since you looked." in again
    assert "Hold 3 invoices" in again

    mark = again.split('name="agreed" value="')[1].split('"')[0]
    done = client.post("/guide/invoices/hold", {**agreed, "agreed": mark}, follow=True).content.decode()
    assert "Held 3 invoices, €534.42." in done  # 118.76 + 178.14 + 237.52


def test_a_form_sums_its_errors_and_keeps_what_was_typed(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    bureau.branches()
    html = signed_in().post("/guide/form", {"name": "Alder <Clinic>"}).content.decode()
    assert "5 things need correcting" in html
    assert '<a href="#id_account">Account</a>' in html
    assert 'value="Alder &lt;Clinic&gt;"' in html
    assert 'aria-invalid="true"' in html


def test_error_pages_say_what_to_do(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    client = signed_in()
    client.raise_request_exception = False
    missing = client.get("/no-such-page")
    assert (missing.status_code, "Search for the number" in missing.content.decode()) == (404, True)
    broken = client.get("/guide/broken")
    assert broken.status_code == 500
    assert "saved completely or not at all" in broken.content.decode()
    assert "broken on purpose" not in broken.content.decode()


def test_a_form_from_elsewhere_is_refused_in_our_words(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    client = signed_in()
    client.handler.enforce_csrf_checks = True
    answer = client.post("/branch", {"branch": ""})
    assert (answer.status_code, "open too long" in answer.content.decode()) == (403, True)


def test_pages_are_written_for_the_persons_country_and_clock(signed_in: Callable[..., Client]) -> None:
    bureau.organisation(country="DE", language="de", timezone="Europe/Berlin")
    html = signed_in().get("/guide/parts").content.decode()
    assert "01.06.2026, 14:05" in html  # 12:05 UTC
    assert "48.200,00\N{NO-BREAK SPACE}€" in html
    html = signed_in(username="lea", language="en-US").get("/guide/parts").content.decode()
    assert "Jun 1, 2026, 2:05\N{NARROW NO-BREAK SPACE}PM" in html


def test_pages_work_before_there_is_an_organisation(signed_in: Callable[..., Client]) -> None:
    assert signed_in(Role.ADMINISTRATOR).get("/guide/parts").status_code == 200


@pytest.mark.parametrize(
    ("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("auto", "auto"), ("x", "auto")]
)
def test_the_theme_is_the_one_chosen(signed_in: Callable[..., Client], cookie: str, theme: str) -> None:
    bureau.organisation()
    client = signed_in()
    client.cookies["theme"] = cookie
    assert f'data-theme-choice="{theme}"' in client.get("/guide/parts").content.decode()
