"""A real SMTP server for tests, which can be told to misbehave."""

# ruff: noqa: ARG002, N802 - the server calls these by name and position.

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from counterfoil.documents.mail_transport import SmtpServer


@dataclass
class Post:
    """What the server took, and the faults it has been given."""

    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)
    sender_reply: str = ""
    recipient_replies: dict[str, str] = field(default_factory=dict)
    content_reply: str = ""
    drops_before_content: bool = False
    drops_after_content: bool = False
    stays_silent_after_content: bool = False

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender unless told otherwise."""
        self.sessions.add(id(session))
        if self.sender_reply:
            return self.sender_reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient unless told otherwise."""
        if address in self.recipient_replies:
            return self.recipient_replies[address]
        envelope.rcpt_tos.append(address)
        if self.drops_before_content:
            server.transport.abort()
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail, then answer, or lose the answer."""
        if not self.content_reply:
            self.taken.append((envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content or b""))
        if self.drops_after_content:
            server.transport.abort()
        if self.stays_silent_after_content:
            await asyncio.sleep(3)
        return self.content_reply or "250 OK"


@contextmanager
def smtp_server(post: Post) -> Iterator[SmtpServer]:
    """Run a server on a free port of this machine that hands everything to *post*."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield SmtpServer(host="127.0.0.1", port=port, seconds_to_wait=5, answer_seconds=0.5)
    finally:
        controller.stop()
