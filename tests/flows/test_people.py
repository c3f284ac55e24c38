"""Who administers: somebody always does, whoever asks and however many ask at once."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.db import connection

from counterfoil.core.refusals import Refusal
from counterfoil.flows import people
from counterfoil.flows.people import Person
from counterfoil.records.organisation.models import Role, User
from tests import build

ADMINISTRATOR = Role.ADMINISTRATOR.value


def _administrator(name: str) -> User:
    return people.add_person(Person(username=name, role=ADMINISTRATOR))[0]


@pytest.mark.django_db
def test_the_last_administrator_keeps_the_role_and_stays_on() -> None:
    ada = _administrator("ada")
    with pytest.raises(people.LastAdministrator, match="ada is the last administrator"):
        people.switch_off(ada, by=None)
    with pytest.raises(people.LastAdministrator):
        people.change_person("ada", replace(people.person_of(ada), role="viewer"), by=None)
    noor = _administrator("noor")
    people.switch_off(noor, by=ada)
    with pytest.raises(people.LastAdministrator):
        people.change_person("ada", replace(people.person_of(ada), role="viewer"), by=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"username": ""}, "cannot be a user name"),
        ({"username": "x" * 151}, "cannot be a user name"),
        ({"username": "a\x00b"}, "cannot be a user name"),
        ({"role": "king"}, "'king' is no role. Known are viewer, biller"),
        ({"email": "nowhere"}, "'nowhere' is no e-mail address"),
        ({"language": "xx-yy"}, "'xx-yy' is no language"),
        ({"branches": ("X",)}, "There is no branch 'X'. Known are main."),
    ],
)
def test_what_cannot_be_stored_is_refused(changes: dict[str, object], told: str) -> None:
    build.organisation()
    with pytest.raises(Refusal, match=told):
        people.add_person(replace(Person(username="noor", role="viewer"), **changes))  # type: ignore[arg-type]
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_switch_each_other_off_one_stays() -> None:
    ada, noor = _administrator("ada"), _administrator("noor")
    refused: list[str] = []
    both = threading.Barrier(2)

    def act(whom: User, by: User) -> None:
        both.wait()
        try:
            people.switch_off(whom, by=by)
        except people.LastAdministrator as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=pair) for pair in ((ada, noor), (noor, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert User.objects.filter(is_active=True).count() == 1
