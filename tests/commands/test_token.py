"""`counterfoil token`: made once, listed without its secret, revoked for good."""

from __future__ import annotations

from tests.conftest import Installation


def test_a_token_is_made_listed_and_revoked(installation: Installation) -> None:
    installation.run("init")
    made = installation.answer(
        "token", "create", "ERP", "--user", "admin", "--scope", "runs:write", "--scope", "runs:read"
    )
    assert (made["name"], made["user"], made["scopes"]) == ("ERP", "admin", ["runs:read", "runs:write"])
    assert made["token"].startswith(made["prefix"] + "_")

    (listed,) = installation.answer("token", "list")["tokens"]
    assert (listed["prefix"], listed["state"], "token" in listed) == (made["prefix"], "valid", False)

    installation.run("token", "revoke", made["prefix"])
    assert installation.answer("token", "list")["tokens"][0]["state"] == "revoked"


def test_what_cannot_be_granted_is_refused(installation: Installation) -> None:
    installation.run("init")
    words = ["token", "create", "ERP", "--user"]
    unknown = installation.run(*words, "admin", "--scope", "everything", exits=1)
    assert "'everything' is no scope. Choose among: customers:read" in unknown.stderr
    nobody = installation.run(*words, "nobody", "--scope", "runs:read", exits=1)
    assert "There is nobody here who signs in as 'nobody'." in nobody.stderr
    long = installation.run(*words, "admin", "--scope", "runs:read", "--days", "9999", exits=1)
    assert "A token lives from 1 to 730 days." in long.stderr
    assert "There is no token 'cf_x'." in installation.run("token", "revoke", "cf_x", exits=1).stderr
