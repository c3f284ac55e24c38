"""Mail on its way: through an SMTP server, or into files where none is set.

A mail server cannot be asked afterwards whether it took a message. So every failure is sorted: refused for good,
delayed (certainly not sent, try again), or uncertain (only a person resends; billing-rules 12.6).
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol, Self

from counterfoil.core.refusals import Refusal
from counterfoil.documents.mail import MAIL_POLICY

# Reply codes of RFC 5321, 4.2.1.
DONE, READY_FOR_CONTENT, TEMPORARY, PERMANENT = range(200, 300), 354, range(400, 500), range(500, 600)
LONGEST_ANSWER = 300


class MailRefused(Refusal):
    """The mail server refused the message for good: {answer}. Correct the address, then send it again."""


class MailDelayed(Refusal):
    """The mail was not sent: {answer}. It is tried again later; if that goes on, check the mail server's settings."""


class MailUncertain(Refusal):
    """The mail server's answer was lost: {answer}. Ask the recipient whether the mail came before it is sent again."""


class Tls(StrEnum):
    """How the connection is encrypted: not at all, by STARTTLS after the greeting, or from the start."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed in. An empty *user* does not sign in; *password* is in no repr.

    *answer_seconds* is how long the last answer, the one that may not be lost, is waited for (RFC 5321 asks for 600).
    """

    host: str
    port: int
    tls: Tls = Tls.NONE
    user: str = ""
    password: str = ""
    seconds_to_wait: float = 30
    answer_seconds: float = 600

    def __repr__(self) -> str:
        """Name the server without its password."""
        return f"SmtpServer(host={self.host!r}, port={self.port}, tls={self.tls!r}, user={self.user!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecipient:
    """One address the server did not take, with its code and answer."""

    address: str
    code: int
    answer: str

    @property
    def is_permanent(self) -> bool:
        """Whether it makes no sense to try again."""
        return self.code in PERMANENT


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSent:
    """What became of a mail the server took: who gets it and who does not."""

    message_id: str
    accepted: tuple[str, ...]
    refused: tuple[RefusedRecipient, ...] = ()


class Mailbox(Protocol):
    """Takes mails, one after another, and is closed at the end."""

    def send(self, message: EmailMessage) -> MailSent:
        """Send *message* once. Raises `MailRefused`, `MailDelayed` or `MailUncertain`."""

    def close(self) -> None:
        """Let the connection go."""


def open_mailbox(*, server: SmtpServer | None, folder: Path) -> Mailbox:
    """Return where mail goes: to *server*, or into *folder* if there is none."""
    return SmtpMailbox(server=server) if server else FileMailbox(folder=folder)


class FileMailbox:
    """Keeps every mail as an `.eml` file that mail programs open; the same mail again is the same file."""

    def __init__(self, *, folder: Path) -> None:
        """Take *folder*; it is made with the first mail."""
        self.folder = folder

    def send(self, message: EmailMessage) -> MailSent:
        """Write *message* whole or not at all. Raises `MailDelayed` if the disk refuses."""
        try:
            self._write(message)
        except OSError as error:
            raise MailDelayed(answer=str(error)) from error
        return MailSent(message_id=str(message["Message-ID"]), accepted=_recipients(message))

    def close(self) -> None:
        """Nothing is kept open."""

    def _write(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = sha256(str(message["Message-ID"]).encode()).hexdigest()[:16]
        whole = self.folder / f"{_stem(message)}{digest}.eml"
        part = whole.with_suffix(".part")
        with part.open("wb") as file:
            file.write(message.as_bytes(policy=MAIL_POLICY))
            file.flush()
            os.fsync(file.fileno())
        part.replace(whole)


class SmtpMailbox:
    """Sends mails over one connection, opened with the first and opened again when the server has let it go."""

    def __init__(self, *, server: SmtpServer) -> None:
        """Take the server's settings; nothing is opened yet."""
        self.server = server
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        """Return the mailbox itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def send(self, message: EmailMessage) -> MailSent:
        """Send *message* once, to all whom its headers name; those the server does not take are reported.

        Raises `MailRefused`, `MailDelayed` or `MailUncertain`; after the last only a person may send it again.
        """
        recipients, content = _recipients(message), _content(message)
        try:
            connection = self._ready()
            _begin(connection, sender=message["From"].addresses[0].addr_spec, size=len(content))
            refused = _address(connection, recipients=recipients)
            _start_content(connection, content)
        except OSError as error:
            # Every error of smtplib is an OSError. The mail's end was not sent, so the server cannot have taken it.
            self._drop()
            raise MailDelayed(answer=_told(error)) from error
        self._end_content(connection)
        return MailSent(
            message_id=str(message["Message-ID"]),
            accepted=tuple(one for one in recipients if one not in {each.address for each in refused}),
            refused=refused,
        )

    def close(self) -> None:
        """Say goodbye and close the connection, if there is one."""
        if self._connection is None:
            return
        try:
            self._connection.quit()
        except OSError:
            self._connection.close()
        self._connection = None

    def _ready(self) -> smtplib.SMTP:
        """Return a connection that answers and remembers nothing of an earlier mail."""
        if self._connection is not None:
            try:
                if self._connection.rset()[0] in DONE:
                    return self._connection
            except OSError:
                pass  # The server closed an idle connection, as it may; a new one is opened.
            self._drop()
        self._connection = _connect(self.server)
        return self._connection

    def _end_content(self, connection: smtplib.SMTP) -> None:
        """Send the mail's end and read whether the server took it. A lost answer from here on is uncertain."""
        try:
            if connection.sock is not None:
                connection.sock.settimeout(self.server.answer_seconds)
            connection.send(b".\r\n")
            code, answer = connection.getreply()
            if connection.sock is not None:
                connection.sock.settimeout(self.server.seconds_to_wait)
        except OSError as error:
            self._drop()
            raise MailUncertain(answer=_told(error)) from error
        if code in DONE:
            return
        if code not in TEMPORARY and code not in PERMANENT:
            self._drop()
            raise MailUncertain(answer=_reply(code, answer))
        raise _sorted(code)(answer=_reply(code, answer))

    def _drop(self) -> None:
        """Forget the connection without a word."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connect(server: SmtpServer) -> smtplib.SMTP:
    """Return a new connection, encrypted and signed in as *server* says."""
    tls = ssl.create_default_context()
    if server.tls is Tls.IMPLICIT:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.seconds_to_wait, context=tls
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.seconds_to_wait)
    try:
        if server.tls is Tls.STARTTLS:
            connection.starttls(context=tls)
        if server.user:
            connection.login(server.user, server.password)
        connection.ehlo_or_helo_if_needed()
    except OSError:
        connection.close()
        raise
    return connection


def _begin(connection: smtplib.SMTP, *, sender: str, size: int) -> None:
    """Announce the sender and the size, which lets the server refuse before anything is sent."""
    options = [f"size={size}"] if connection.has_extn("size") else []
    code, answer = connection.mail(sender, options)
    if code not in DONE:
        raise _sorted(code)(answer=_reply(code, answer))


def _address(connection: smtplib.SMTP, *, recipients: tuple[str, ...]) -> tuple[RefusedRecipient, ...]:
    """Announce the recipients and return those the server refuses; if those are all, nothing is sent."""
    refused = []
    for address in recipients:
        code, answer = connection.rcpt(address)
        if code not in DONE:
            refused.append(RefusedRecipient(address=address, code=code, answer=_reply(code, answer)))
    if len(refused) == len(recipients):
        kind = MailRefused if all(one.is_permanent for one in refused) else MailDelayed
        raise kind(answer="; ".join(f"{one.address}: {one.answer}" for one in refused))
    return tuple(refused)


def _start_content(connection: smtplib.SMTP, content: bytes) -> None:
    """Send the whole mail but its end mark."""
    connection.putcmd("data")
    code, answer = connection.getreply()
    if code != READY_FOR_CONTENT:
        raise _sorted(code)(answer=_reply(code, answer))
    connection.send(content)


def _sorted(code: int) -> type[MailRefused | MailDelayed]:
    """Return what the server's reply *code* means: 5xx is for good, anything else may pass."""
    return MailRefused if code in PERMANENT else MailDelayed


def _recipients(message: EmailMessage) -> tuple[str, ...]:
    """Return the addresses of the To header."""
    return tuple(address.addr_spec for address in message["To"].addresses)


def _content(message: EmailMessage) -> bytes:
    """Return *message* as it goes over the wire: CRLF lines, a leading point doubled (RFC 5321, 4.5.2)."""
    lines = message.as_bytes(policy=MAIL_POLICY)
    doubled = re.sub(rb"(?m)^\.", b"..", lines)
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"


def _stem(message: EmailMessage) -> str:
    """Return the attachment's name without its ending and a hyphen, for a file a person can find."""
    names = [part.get_filename() for part in message.iter_attachments()]
    return f"{Path(names[0]).stem}-" if names and names[0] else ""


def _reply(code: int, answer: bytes | str) -> str:
    """Return a server's reply as a message may show it: printable, cut, with its code."""
    text = answer.decode("utf-8", errors="replace") if isinstance(answer, bytes) else answer
    words = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return f"{code} {words[:LONGEST_ANSWER]}".rstrip().rstrip(".")


def _told(error: OSError) -> str:
    """Return what an error of the connection says."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__
