"""How documents and e-mails look and what they say: tried on a sample, then stored (product D1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime

from django.db import transaction

from counterfoil.core.document import LINE_COLUMNS, Document
from counterfoil.core.refusals import Refusal, shown
from counterfoil.documents.labels import LABELS
from counterfoil.documents.look import Look, Texts
from counterfoil.documents.mail import Letter, letter_of
from counterfoil.documents.pictures import harmless_picture
from counterfoil.documents.placeholders import check_placeholders
from counterfoil.documents.render import DocumentNotPrinted, render_images
from counterfoil.documents.samples import sample
from counterfoil.flows.billing.documents import documents_of, look_of, seller_of
from counterfoil.records.billing.models import Invoice
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import DocumentTexts, Organisation
from counterfoil.records.organisation.queries import the_organisation

EVERY_LANGUAGE = ""
LONGEST = {"header": 1_000, "payment_note": 1_000, "footer": 300, "mail_subject": 200, "mail_body": 5_000}
MOST_FOOTER_LINES = 3


class LanguageNotWritten(Refusal):
    """Documents are not written in {language}. Languages are {known}."""


class NoSuchText(Refusal):
    """{text} is no text of documents{where}. Texts are {known}."""


class TextTooLong(Refusal):
    """The text {text} has {length} characters, and {most} fit. Shorten it."""


class FooterTooHigh(Refusal):
    """The footer has {lines} lines, and {most} fit at the foot of a page. Shorten it."""


class LogoNotPrinted(Refusal):
    """The logo could not be printed. Save the picture anew, as PNG for example, and try again."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of the look is to be changed; None, and what is not named, stays.

    An empty *logo* takes it away. *texts* are by language and name, such as `{"de": {"header": "…"}}`; under the empty
    language stand `payment_note` and `footer` for languages without one of their own.
    """

    accent: str | None = None
    logo: bytes | None = None
    columns: Sequence[str] | None = None
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def languages() -> list[str]:
    """Return the languages that documents are written in, the organisation's first."""
    own = the_organisation().language.split("-")[0].split("_")[0]
    return sorted(LABELS, key=lambda language: (language != own, language))


def present_look() -> Look:
    """Return how documents look now."""
    return look_of(the_organisation())


def look_wanted(wanted: Wanted) -> Look:
    """Return how documents would look; stores nothing.

    Raises `UnusableColour`, `UnusableLogo`, `UnknownColumn`, `UnknownPlaceholder`, `LanguageNotWritten`, `NoSuchText`,
    `TextTooLong`, `FooterTooHigh`.
    """
    look = present_look()
    for language, texts in wanted.texts.items():
        for name, text in texts.items():
            check_text(name, text, language=language)
    common = wanted.texts.get(EVERY_LANGUAGE, {})
    own = {
        language: Texts(**{**asdict(look.texts.get(language, Texts())), **texts})
        for language, texts in wanted.texts.items()
        if language != EVERY_LANGUAGE
    }
    return replace(
        look,
        accent=look.accent if wanted.accent is None else wanted.accent,
        logo=harmless_picture(wanted.logo) if wanted.logo else look.logo if wanted.logo is None else b"",
        columns=look.columns if wanted.columns is None else _in_order(wanted.columns),
        payment_text=common.get("payment_note", look.payment_text),
        footer_text=common.get("footer", look.footer_text),
        texts={**look.texts, **own},
    )


def change_look(wanted: Wanted, *, now: datetime) -> Look:
    """Let documents look so from now on; those issued before keep theirs.

    Raises what `look_wanted` does, and `LogoNotPrinted`.
    """
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(pk=the_organisation().pk)
        look = look_wanted(wanted)
        _try_on(look, organisation=organisation, day=now.date())
        if wanted.logo is not None:
            organisation.logo = actions.keep_logo(look.logo, now=now) if look.logo else None
        organisation.accent_color, organisation.line_columns = look.accent, list(look.columns)
        organisation.payment_note, organisation.footer = look.payment_text, look.footer_text
        actions.change_organisation(
            organisation, fields=["accent_color", "logo", "line_columns", "payment_note", "footer"]
        )
        actions.store_texts(
            DocumentTexts(language=language, **asdict(look.texts[language]))
            for language in wanted.texts
            if language != EVERY_LANGUAGE
        )
    return look


def sample_document(*, language: str, today: date, is_credit_note: bool = False) -> Document:
    """Return a document to nobody, as the organisation would write it in *language*."""
    _check_language(language)
    organisation = the_organisation()
    return sample(
        seller_of(organisation, branch=None),
        language=language,
        currency=organisation.currency,
        day=today,
        is_credit_note=is_credit_note,
    )


def newest_document(rows: Sequence[Invoice]) -> Document | None:
    """Return the first of *rows* as it would be printed, None without any."""
    return documents_of(rows[:1])[0] if rows else None


def letter_for(document: Document, *, look: Look) -> Letter:
    """Return what the e-mail with *document* would say."""
    return letter_of(document, look=look)


def _in_order(columns: Sequence[str]) -> tuple[str, ...]:
    """Return *columns* once each, in the order in which lines show them, unknown ones last."""
    known = [column for column in LINE_COLUMNS if column in columns]
    return (*known, *(column for column in columns if column not in LINE_COLUMNS))


def _try_on(look: Look, *, organisation: Organisation, day: date) -> None:
    """Print a sample with a new logo, so that one that cannot be printed stops no run. Raises `LogoNotPrinted`."""
    if not look.logo:
        return
    document = sample(
        seller_of(organisation, branch=None),
        language=organisation.language,
        currency=organisation.currency,
        day=day,
    )
    try:
        render_images(document, look=look, dots_per_inch=20)
    except DocumentNotPrinted as error:
        raise LogoNotPrinted from error


def check_text(name: str, text: str, *, language: str) -> None:
    """Raise what `look_wanted` does if *text* cannot be the text *name* of documents in *language*."""
    known = ["payment_note", "footer"] if language == EVERY_LANGUAGE else list(LONGEST)
    if language != EVERY_LANGUAGE:
        _check_language(language)
    if name not in known:
        where = "" if language else " in every language"
        raise NoSuchText(text=shown(name), where=where, known=", ".join(known))
    if len(text) > LONGEST[name]:
        raise TextTooLong(text=name.replace("_", " "), length=len(text), most=LONGEST[name])
    lines = len(text.strip().splitlines())
    if name == "footer" and lines > MOST_FOOTER_LINES:
        raise FooterTooHigh(lines=lines, most=MOST_FOOTER_LINES)
    check_placeholders(text)


def _check_language(language: str) -> None:
    if language not in LABELS:
        raise LanguageNotWritten(language=shown(language), known=", ".join(LABELS))
