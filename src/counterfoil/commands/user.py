"""`counterfoil user …`: the people who sign in, their roles and the branches they see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table

if TYPE_CHECKING:
    from counterfoil.records.organisation.models import User

user = typer.Typer(help="The people who sign in.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(metavar="USERNAME", help="Who signs in by this name.")]
RoleOption = Annotated[
    str | None, typer.Option("--role", help="viewer, biller, approver, accountant or administrator.")
]
FirstName = Annotated[str | None, typer.Option("--first-name")]
LastName = Annotated[str | None, typer.Option("--last-name")]
Email = Annotated[str | None, typer.Option("--email", help="They may sign in by it as well.")]
Language = Annotated[str | None, typer.Option("--language", help="Such as en; empty: the organisation's.")]
Branches = Annotated[
    list[str] | None,
    typer.Option("--branch", help="Code of a branch they are limited to; repeatable. None: they see all."),
]
EveryBranch = Annotated[bool, typer.Option("--every-branch", help="Take the limit to branches away.")]
WithPassword = Annotated[
    bool, typer.Option("--password/--no-password", help="Without one they sign in by single sign-on alone.")
]

ONE_OF_BOTH = "Give --branch or --every-branch, not both."


@user.command("list")
def list_users(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """List who signs in, those switched off too."""
    with with_database():
        from counterfoil.records.organisation.models import User

        rows = [_document(one) for one in User.objects.prefetch_related("branches").order_by("username")]
    shown = [
        (
            row["username"],
            row["name"],
            row["role"],
            ", ".join(row["branches"]) or "every",
            row["email"],
            "" if row["is_active"] else "off",
        )
        for row in rows
    ]
    headings = ["User name", "Name", "Role", "Branches", "E-mail", "Off"]
    answer({"users": rows}, text=table(headings, shown) or "Nobody signs in yet.", as_json=as_json)


@user.command()
def show(username: Username, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show one."""
    with with_database():
        from counterfoil.records.organisation.queries import user_called

        document = _document(user_called(username))
    _answer(document, as_json=as_json)


@user.command()
def create(
    username: Username,
    role: RoleOption = None,
    first_name: FirstName = None,
    last_name: LastName = None,
    email: Email = None,
    language: Language = None,
    branch: Branches = None,
    with_password: WithPassword = True,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Add somebody, a viewer unless --role says otherwise, and print the first password, this once."""
    with with_database():
        from counterfoil.flows.people import Person, add_person

        given = _given(first_name=first_name, last_name=last_name, email=email, language=language)
        person = Person(username=username, role=role or "viewer", branches=branch or (), **given)
        added, password = add_person(person, with_password=with_password)
        document = _document(added) | {"password": password}
    told = (
        f"The password is {password}\nIt is shown this once; change it after signing in." if password else ""
    )
    _answer(document, as_json=as_json, told=told)


@user.command()
def change(
    username: Username,
    new_username: Annotated[str | None, typer.Option("--username", help="A new user name.")] = None,
    role: RoleOption = None,
    first_name: FirstName = None,
    last_name: LastName = None,
    email: Email = None,
    language: Language = None,
    branch: Branches = None,
    every_branch: EveryBranch = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change what is given, and nothing else."""
    if branch and every_branch:
        raise typer.BadParameter(ONE_OF_BOTH)
    with with_database():
        from counterfoil.flows.people import change_person, person_of
        from counterfoil.records.organisation.queries import user_called

        given = _given(
            username=new_username,
            role=role,
            first_name=first_name,
            last_name=last_name,
            email=email,
            language=language,
            branches=() if every_branch else branch or None,
        )
        known = user_called(username)
        document = _document(change_person(known.username, replace(person_of(known), **given), by=None))
    _answer(document, as_json=as_json)


@user.command("switch-off")
def switch_off(username: Username, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Let somebody sign in no more: their sessions and tokens end at once."""
    with with_database():
        from counterfoil.flows import people
        from counterfoil.records.organisation.queries import user_called

        found = user_called(username)
        ended = people.switch_off(found, by=None)
        document = _document(found) | {"sessions_ended": ended}
    _answer(document, as_json=as_json, told=f"{ended} sessions ended.")


@user.command("switch-on")
def switch_on(username: Username, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Let somebody sign in again."""
    with with_database():
        from counterfoil.flows import people
        from counterfoil.records.organisation.queries import user_called

        found = user_called(username)
        people.switch_on(found)
        document = _document(found)
    _answer(document, as_json=as_json)


@user.command()
def password(username: Username, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Give somebody a new password and print it, this once; their sessions end."""
    with with_database():
        from counterfoil.flows.people import give_new_password
        from counterfoil.records.organisation.queries import user_called

        made = give_new_password(user_called(username))
    document = {"username": username, "password": made}
    answer(document, text=f"{made}\nIt is shown this once; change it after signing in.", as_json=as_json)


@user.command("forget-second-factor")
def forget_second_factor(username: Username, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Take somebody's app and recovery codes away, because the telephone is lost; their sessions end."""
    with with_database():
        from counterfoil.flows import people
        from counterfoil.records.organisation.queries import user_called

        had_one = people.forget_second_factor(user_called(username))
    told = f"{username} has no second factor {'any more' if had_one else 'and had none'}."
    answer({"username": username, "forgotten": had_one}, text=told, as_json=as_json)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _document(one: User) -> dict[str, Any]:
    return {
        "username": one.username,
        "name": one.get_full_name(),
        "role": one.role,
        "branches": sorted(branch.code for branch in one.branches.all()),
        "email": one.email,
        "language": one.language,
        "is_active": one.is_active,
    }


def _answer(document: dict[str, Any], *, as_json: bool, told: str = "") -> None:
    lines = [
        f"{document['username']} {document['name']}".strip()
        + ("" if document["is_active"] else ", switched off"),
        f"Role: {document['role']}",
        f"Branches: {', '.join(document['branches']) or 'every one'}",
        f"E-mail: {document['email']}" if document["email"] else "",
        f"Language: {document['language']}" if document["language"] else "",
        told,
    ]
    answer(document, text=paragraphs(*lines), as_json=as_json)
