"""`counterfoil documents …`: how documents and e-mails look and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

if TYPE_CHECKING:
    from counterfoil.documents.look import Look

documents = typer.Typer(help="How documents and e-mails look, and what they say.", no_args_is_help=True)


class LogoAndNone(CommandFailed):
    """--logo and --no-logo contradict each other. Give one of them."""


class TextNeedsLanguage(CommandFailed):
    """{text} is written in one language. Say which with --language."""


@documents.command()
def show(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Show the colour, the logo, the columns of the lines and the texts."""
    with with_database():
        from counterfoil.flows.document_settings import present_look

        look = present_look()
    _answer(look, as_json=as_json)


@documents.command("set")
def set_look(
    accent: Annotated[str | None, typer.Option(help="The colour, such as #1f4e79.")] = None,
    logo: Annotated[Path | None, typer.Option(help="PNG, JPEG or SVG, at most 500 KB.")] = None,
    no_logo: Annotated[bool, typer.Option("--no-logo", help="Print no logo.")] = False,  # noqa: FBT002
    columns: Annotated[
        str | None, typer.Option(help="Of the lines: code,period,quantity,unit_price,share,tax_rate.")
    ] = None,
    language: Annotated[
        str, typer.Option(help="Of the texts, such as de; without it they are every language's.")
    ] = "",
    header: Annotated[str | None, typer.Option(help="Above the lines.")] = None,
    payment_note: Annotated[str | None, typer.Option(help="Below the total.")] = None,
    footer: Annotated[str | None, typer.Option(help="At the foot of every page.")] = None,
    mail_subject: Annotated[str | None, typer.Option(help="Of e-mails.")] = None,
    mail_body: Annotated[str | None, typer.Option(help="Of e-mails; blank lines part paragraphs.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change how documents look from now on; what is not named stays, and documents issued before keep theirs."""
    if logo and no_logo:
        raise LogoAndNone
    texts = {"header": header, "mail_subject": mail_subject, "mail_body": mail_body}
    for name, text in texts.items():
        if text is not None and not language:
            raise TextNeedsLanguage(text=f"--{name.replace('_', '-')}")
    texts |= {"payment_note": payment_note, "footer": footer}
    picture = b"" if no_logo else logo.read_bytes() if logo else None
    with with_database():
        from counterfoil.flows.document_settings import Wanted, change_look

        named = {name: text for name, text in texts.items() if text is not None}
        wanted = Wanted(
            accent=accent,
            logo=picture,
            columns=None if columns is None else [one.strip() for one in columns.split(",") if one.strip()],
            texts={language: named} if named else {},
        )
        look = change_look(wanted, now=clock.now())
    _answer(look, as_json=as_json)


@documents.command()
def sample(
    language: Annotated[str | None, typer.Option(help="Such as de; else the organisation's.")] = None,
    credit_note: Annotated[bool, typer.Option("--credit-note", help="A credit note instead.")] = False,  # noqa: FBT002
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("sample.pdf"),
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write an invoice to nobody as PDF, to see how documents look."""
    with with_database():
        from counterfoil.documents.render import render_pdf
        from counterfoil.flows import document_settings as flow
        from counterfoil.records.organisation.queries import the_organisation

        document = flow.sample_document(
            language=flow.languages()[0] if language is None else language,
            today=clock.today(the_organisation().timezone),
            is_credit_note=credit_note,
        )
        content = render_pdf(document, look=flow.present_look())
    out.write_bytes(content)
    answer({"file": str(out), "bytes": len(content)}, text=f"Written to {out}.", as_json=as_json)


def _answer(look: Look, *, as_json: bool) -> None:
    document: dict[str, Any] = {
        "accent": look.accent,
        "logo": look.logo_format or None,
        "logo_bytes": len(look.logo),
        "columns": list(look.columns),
        "payment_note": look.payment_text,
        "footer": look.footer_text,
        "texts": {language: _texts(look, language) for language in sorted(look.texts)},
    }
    facts = [
        ("Colour", look.accent),
        ("Logo", f"{look.logo_format}, {len(look.logo)} bytes" if look.logo else "none"),
        ("Columns", ", ".join(look.columns)),
        ("Payment note", look.payment_text),
        ("Footer", look.footer_text),
    ]
    for language in sorted(look.texts):
        facts += [
            (f"{name.replace('_', ' ').capitalize()} ({language})", text)
            for name, text in _texts(look, language).items()
        ]
    answer(document, text="\n".join(f"{name}: {text}" for name, text in facts if text), as_json=as_json)


def _texts(look: Look, language: str) -> dict[str, str]:
    own = look.texts[language]
    names = ("header", "payment_note", "footer", "mail_subject", "mail_body")
    return {name: getattr(own, name) for name in names}
