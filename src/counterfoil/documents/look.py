"""How an organisation's documents look: colour, logo, texts, language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from counterfoil.core.document import LINE_COLUMNS, USUAL_LINE_COLUMNS
from counterfoil.core.refusals import Refusal, shown

DEFAULT_ACCENT = "#1f4e79"
LARGEST_LOGO_BYTES = 1_000_000

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_LEAST_CONTRAST = 4.5


class UnusableColour(Refusal):
    """{text} is not a colour. Write it as # and six hexadecimal digits, for example #1f4e79."""


class UnusableLogo(Refusal):
    """The logo is not a PNG, JPEG or SVG picture of at most 500 KB and 10 million pixels. Save it as one of these."""


class UnknownColumn(Refusal):
    """{column} is no column that lines may have. Known are {known}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What an organisation writes in one language; empty is nothing on documents, and our own words in mails.

    All may have `placeholders`. *header* stands above the lines, *payment_note* below the total, *footer* at the foot.
    """

    header: str = ""
    payment_note: str = ""
    footer: str = ""
    mail_subject: str = ""
    mail_body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What an organisation sets about its documents.

    *accent* is `#rrggbb`; *logo* a PNG, JPEG or SVG picture, empty for none; *columns* those that lines may have
    beside the description and the net; *texts* are by language, and *footer_text* and *payment_text* stand where a
    language has none of its own; *language* a locale such as `de` or `en_GB`, empty for each document's own. Raises
    `UnusableColour`, `UnusableLogo` and `UnknownColumn`.
    """

    accent: str = DEFAULT_ACCENT
    logo: bytes = b""
    footer_text: str = ""
    payment_text: str = ""
    language: str = ""
    columns: tuple[str, ...] = USUAL_LINE_COLUMNS
    texts: Mapping[str, Texts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a colour, a logo or a column that could not be printed."""
        for column in self.columns:
            if column not in LINE_COLUMNS:
                raise UnknownColumn(column=shown(column), known=", ".join(LINE_COLUMNS))
        if not _COLOUR.fullmatch(self.accent):
            raise UnusableColour(text=shown(self.accent))
        if self.logo and (len(self.logo) > LARGEST_LOGO_BYTES or not self.logo_format):
            raise UnusableLogo

    @property
    def logo_format(self) -> str:
        """The logo's format: png, jpg, svg, or empty if there is none or it is something else."""
        if self.logo.startswith(_PNG):
            return "png"
        if self.logo.startswith(_JPEG):
            return "jpg"
        return "svg" if b"<svg" in self.logo[:1000] else ""

    def texts_in(self, language: str) -> Texts:
        """Return what is written in *language*, a code such as `de`."""
        own = self.texts.get(language, Texts())
        return Texts(
            header=own.header,
            payment_note=own.payment_note or self.payment_text,
            footer=own.footer or self.footer_text,
            mail_subject=own.mail_subject,
            mail_body=own.mail_body,
        )

    @property
    def accent_is_readable(self) -> bool:
        """Whether text in the accent colour can be read on white paper, and white text on the accent."""
        return (1.0 + 0.05) / (_luminance(self.accent) + 0.05) >= _LEAST_CONTRAST


def _luminance(colour: str) -> float:
    """Return the relative luminance of *colour*, 0 for black to 1 for white (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
