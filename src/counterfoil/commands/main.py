"""The `counterfoil` program: find the verb, run it, and turn what went wrong into a sentence and an exit code."""

from __future__ import annotations

import json
import sys
from importlib import import_module

import typer

from counterfoil.commands.failures import explain
from counterfoil.commands.speaking import without_speaker

# Verb → the function or the Typer that does it. A new verb is a line here. Its module is imported only when it
# is asked for, and imports Django, Polars and the like inside its functions, so that every verb starts fast.
VERBS = {
    "up": "counterfoil.commands.up:up",
    "work": "counterfoil.commands.work:work",
    "run": "counterfoil.commands.run:run",
    "demo": "counterfoil.commands.demo:demo",
    "check": "counterfoil.commands.check:check",
    "audit": "counterfoil.commands.audit:audit",
    "seal": "counterfoil.commands.seal:seal",
    "definition": "counterfoil.commands.definition:definition",
    "master-charge": "counterfoil.commands.master_charge:master_charge",
    "client": "counterfoil.commands.client:client",
    "event": "counterfoil.commands.event:event",
    "charge": "counterfoil.commands.charge:charge",
    "reading": "counterfoil.commands.reading:reading",
    "price": "counterfoil.commands.price:price",
    "discount": "counterfoil.commands.ending:discount",
    "escalation": "counterfoil.commands.ending:escalation",
    "consolidate": "counterfoil.commands.consolidate:consolidate",
    "note": "counterfoil.commands.note:note",
    "notices": "counterfoil.commands.notices:notices",
    "invoice": "counterfoil.commands.invoice:invoice",
    "figures": "counterfoil.commands.figures:figures",
    "numbering": "counterfoil.commands.numbering:numbering",
    "books": "counterfoil.commands.books:books",
    "init": "counterfoil.commands.init:init",
    "doctor": "counterfoil.commands.doctor:doctor",
    "simulate": "counterfoil.commands.simulate:simulate",
    "import": "counterfoil.commands.import_:import_",
    "export": "counterfoil.commands.export:export",
    "print": "counterfoil.commands.print_:print_",
    "statement": "counterfoil.commands.statement:statement",
    "customer-mode": "counterfoil.commands.customer_mode:customer_mode",
    "customer-group": "counterfoil.commands.customer_group:customer_group",
    "link": "counterfoil.commands.link:link",
    "email": "counterfoil.commands.email:email",
    "documents": "counterfoil.commands.documents:documents",
    "organisation": "counterfoil.commands.organisation:organisation",
    "branch": "counterfoil.commands.branch:branch",
    "user": "counterfoil.commands.user:user",
    "backup": "counterfoil.commands.backup:backup",
    "restore": "counterfoil.commands.restore:restore",
    "upgrade": "counterfoil.commands.upgrade:upgrade",
    "token": "counterfoil.commands.token:token",
    "django": "counterfoil.commands.django:django",
}
# Verbs for those who build the program; they are not listed.
UNLISTED = {"django"}

FAILED = 1
SPEAKING = (
    "`counterfoil --as NAME …`, or COUNTERFOIL_USER, says who does it: the audit trail names them. "
    "Without either it names the machine's own user."
)


def main() -> None:
    """Run the program on the words of the command line and exit: 0 success, 1 failure or findings, 2 wrong usage."""
    words = without_speaker(sys.argv[1:])
    try:
        program(words)(args=words, prog_name="counterfoil")
    except KeyboardInterrupt:
        fail("Interrupted.", as_json=False)
    except Exception as error:  # the one place where errors become sentences; a bug is raised again
        sentence = explain(error)
        if sentence is None:
            raise
        fail(sentence, as_json="--json" in words)


def fail(sentence: str, *, as_json: bool) -> None:
    """Say *sentence* on stderr, and with *as_json* in the document on stdout as well; then exit with 1."""
    if as_json:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    print(sentence, file=sys.stderr)
    sys.exit(FAILED)


def program(words: list[str]) -> typer.Typer:
    """Return the program with the verb that *words* begins with, or with all of them when it begins with none."""
    root = typer.Typer(
        help="Bill recurring services and keep the books in step.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    root.callback(epilog=SPEAKING)(_nothing_first)
    asked = words[0] if words else ""
    for verb in [asked] if asked in VERBS else VERBS:
        _add(root, verb=verb)
    return root


def _nothing_first() -> None:
    """Bill recurring services and keep the books in step."""


def _add(root: typer.Typer, *, verb: str) -> None:
    module, _, name = VERBS[verb].partition(":")
    what = getattr(import_module(module), name)
    hidden = verb in UNLISTED
    if isinstance(what, typer.Typer):
        root.add_typer(what, name=verb, hidden=hidden)
        return
    settings = {"ignore_unknown_options": True, "help_option_names": []} if hidden else None
    root.command(name=verb, hidden=hidden, context_settings=settings)(what)


if __name__ == "__main__":
    main()
