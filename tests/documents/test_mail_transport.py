"""Mail through a real SMTP server, well behaved and not; billing-rules 12.6."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from counterfoil.documents.look import Look
from counterfoil.documents.mail import compose
from counterfoil.documents.mail_transport import (
    FileMailbox,
    MailDelayed,
    MailRefused,
    MailUncertain,
    SmtpMailbox,
    SmtpServer,
    Tls,
    open_mailbox,
)
from tests.build_document import document
from tests.documents.smtp_server import Post, smtp_server

ADA, BOB = "ada@example.org", "bob@example.org"


def message(*recipients: str, key: str = "1", pdf: bytes = b"%PDF-1.7") -> EmailMessage:
    """Return a mail to *recipients*, Ada if there are none."""
    return compose(
        document(number=f"INV-{key}"),
        pdf,
        recipients=recipients or [ADA],
        sender="billing@larkfield.example",
        delivery_key=key,
        sent_at=datetime(2026, 6, 1, tzinfo=UTC),
        look=Look(),
    )


def test_a_mail_arrives_as_it_was_composed() -> None:
    post = Post()
    sent = message(ADA, BOB, pdf=bytes(range(256)) * 2000)
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox:
        result = mailbox.send(sent)
    ((sender, recipients, content),) = post.taken
    assert (sender, recipients) == ("billing@larkfield.example", [ADA, BOB])
    assert content == sent.as_bytes()
    (attached,) = message_from_bytes(content, policy=SMTP).iter_attachments()
    assert attached.get_content() == bytes(range(256)) * 2000
    assert (result.accepted, result.refused) == ((ADA, BOB), ())
    assert result.message_id == sent["Message-ID"]


def test_a_line_that_begins_with_a_point_arrives() -> None:
    post, sent = Post(), EmailMessage(policy=SMTP)
    sent["From"], sent["To"], sent["Message-ID"] = BOB, ADA, "<1@example.org>"
    sent.set_content(".\n..\n.hidden\nend\n")
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox:
        mailbox.send(sent)
    assert post.taken[0][2].endswith(b"\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n")


def test_many_mails_share_one_connection() -> None:
    post = Post()
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox:
        for nth in range(20):
            mailbox.send(message(key=str(nth)))
    assert len(post.taken) == 20
    assert len(post.sessions) == 1


def test_a_closed_idle_connection_is_opened_again() -> None:
    post = Post()
    with smtp_server(post) as server:
        mailbox = SmtpMailbox(server=server)
        mailbox.send(message(key="1"))
        mailbox._connection.sock.shutdown(socket.SHUT_RDWR)
        mailbox.send(message(key="2"))
        mailbox.close()
        mailbox.close()
    assert len(post.taken) == 2


def test_one_refused_recipient_is_reported_and_the_others_get_the_mail() -> None:
    post = Post(recipient_replies={BOB: "550 5.1.1 no such person", "eve@example.org": "450 busy"})
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox:
        result = mailbox.send(message(ADA, BOB, "eve@example.org"))
    assert result.accepted == (ADA,)
    assert [(one.address, one.code, one.is_permanent) for one in result.refused] == [
        (BOB, 550, True),
        ("eve@example.org", 450, False),
    ]
    assert result.refused[0].answer == "550 5.1.1 no such person"
    assert post.taken[0][1] == [ADA]


def test_when_everybody_is_refused_for_good_so_is_the_mail() -> None:
    post = Post(recipient_replies={ADA: "550 no such person", BOB: "553 not here"})
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox:
        with pytest.raises(MailRefused) as refused:
            mailbox.send(message(ADA, BOB))
        assert mailbox.send(message("carol@example.org", key="2")).accepted == ("carol@example.org",)
    assert str(refused.value) == (
        "The mail server refused the message for good: ada@example.org: 550 no such person; "
        "bob@example.org: 553 not here. Correct the address, then send it again."
    )
    assert len(post.taken) == 1


def test_when_one_of_them_may_be_taken_later_the_mail_is_delayed() -> None:
    post = Post(recipient_replies={ADA: "550 no such person", BOB: "451 try later"})
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox, pytest.raises(MailDelayed):
        mailbox.send(message(ADA, BOB))
    assert post.taken == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 spam", MailRefused),
        ("552 too big", MailRefused),
        ("451 try again", MailDelayed),
        ("421 going down", MailDelayed),
    ],
)
@pytest.mark.parametrize("stage", ["sender_reply", "content_reply"])
def test_a_clear_answer_is_certain(reply: str, kind: type[Exception], stage: str) -> None:
    post = Post(**{stage: reply})
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox:
        with pytest.raises(kind, match=reply):
            mailbox.send(message())
        setattr(post, stage, "")
        mailbox.send(message(key="2"))
    assert len(post.taken) == 1


def test_a_connection_lost_before_the_content_is_a_delay() -> None:
    post = Post(drops_before_content=True)
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox:
        with pytest.raises(MailDelayed, match=r"was not sent: .* tried again later"):
            mailbox.send(message())
        assert post.taken == []
        post.drops_before_content = False
        mailbox.send(message())
    assert len(post.taken) == 1


@pytest.mark.parametrize("fault", ["drops_after_content", "stays_silent_after_content"])
def test_a_lost_answer_is_uncertain_for_the_mail_was_taken(fault: str) -> None:
    post = Post(**{fault: True})
    with smtp_server(post) as server, SmtpMailbox(server=server) as mailbox:
        with pytest.raises(MailUncertain, match=r"answer was lost: .* before it is sent again\."):
            mailbox.send(message())
        setattr(post, fault, False)
        mailbox.send(message(key="2"))
    assert len(post.taken) == 2


@contextmanager
def scripted(*replies: bytes, greeting: bytes = b"220 hello\r\n") -> Iterator[SmtpServer]:
    """Run a server that gives *replies*, one to each line read, and closes; then one that says 250 to all."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(greeting)
            for reply in replies:
                if not lines.readline():
                    return
                connection.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    with closing(listener):
        yield SmtpServer(
            host="127.0.0.1", port=listener.getsockname()[1], seconds_to_wait=5, answer_seconds=1
        )
    thread.join()


@pytest.mark.parametrize(
    "replies",
    [
        [],
        [b"500 what\r\n", b"500 what\r\n"],
        [b"250 x\r\n"],
        [b"250 x\r\n", b"250 ok\r\n"],
        [b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n"],
        [b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"450 not now\r\n"],
        [b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"nonsense\r\n"],
    ],
    ids=len,
)
def test_a_server_that_goes_away_before_the_end_is_a_delay(replies: list[bytes]) -> None:
    with scripted(*replies) as server, SmtpMailbox(server=server) as mailbox, pytest.raises(MailDelayed):
        mailbox.send(message())


@pytest.mark.parametrize("last", [b"nonsense\r\n", b"399 odd\r\n", b"", b"25"])
def test_an_answer_nobody_understands_is_uncertain(last: bytes) -> None:
    lines_of_content = message().as_bytes().count(b"\r\n")
    quiet = [b""] * lines_of_content
    start = [b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"]
    replies = [*start, *quiet, last]
    with scripted(*replies) as server, SmtpMailbox(server=server) as mailbox, pytest.raises(MailUncertain):
        mailbox.send(message())


def test_a_server_that_is_not_there_is_a_delay() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(MailDelayed, match="was not sent"):
        SmtpMailbox(server=SmtpServer(host="127.0.0.1", port=port)).send(message())


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_encryption_that_is_asked_for_is_never_left_out(tls: Tls) -> None:
    post = Post()
    with smtp_server(post) as server:
        asked = SmtpServer(host=server.host, port=server.port, tls=tls, seconds_to_wait=2)
        with pytest.raises(MailDelayed):
            SmtpMailbox(server=asked).send(message())
    assert post.taken == []


def test_a_sign_in_the_server_does_not_offer_is_a_delay() -> None:
    post = Post()
    with smtp_server(post) as server:
        asked = SmtpServer(host=server.host, port=server.port, user="ada", password="secret")
        with pytest.raises(MailDelayed) as delayed:
            SmtpMailbox(server=asked).send(message())
    assert "secret" not in f"{delayed.value}{asked!r}"


def test_without_a_server_mails_are_files(tmp_path: Path) -> None:
    mailbox = open_mailbox(server=None, folder=tmp_path / "mail")
    sent = message(ADA, BOB)
    assert mailbox.send(sent).accepted == (ADA, BOB)
    mailbox.send(sent)
    mailbox.send(message(key="2"))
    mailbox.close()
    names = sorted(path.name for path in (tmp_path / "mail").iterdir())
    assert [name[:6] for name in names] == ["INV-1-", "INV-2-"]
    assert (tmp_path / "mail" / names[0]).read_bytes() == sent.as_bytes()


def test_a_disk_that_refuses_is_a_delay(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailDelayed):
        FileMailbox(folder=tmp_path / "mail").send(message())


def test_with_a_server_mails_go_there(tmp_path: Path) -> None:
    assert isinstance(open_mailbox(server=SmtpServer(host="h", port=25), folder=tmp_path), SmtpMailbox)
