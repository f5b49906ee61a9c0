"""Mail by SMTP, or as .eml files when no server is named."""

import contextlib
import smtplib
import ssl
import unicodedata
from collections.abc import Callable, Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from kezhuan.kernel.outbox import files
from kezhuan.kernel.outbox.ways import Away, CutOff, Outgoing, Rejected, Unreachable
from kezhuan.kernel.text import SHANGHAI, now

SECONDS = 20
"""For so long the mail server may think about each step."""
FOREVER = 500
"""SMTP answers from here on are final, those below may be other tomorrow (RFC 5321, 4.2.1)."""


def letter(out: Outgoing) -> EmailMessage:
    """The message as mail, with the headers by which its receiver stops messages like it in one click (RFC 8058)."""
    if any(unicodedata.category(letter)[0] in "CZ" for letter in out.to):
        raise Rejected(_("The address cannot be used: it holds blanks or line ends."))
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("科转 Kezhuan", addr_spec=settings.MAIL_FROM)
    mail["To"] = out.to
    mail["Subject"] = " ".join(out.subject.split())
    mail["Date"] = format_datetime(now().astimezone(SHANGHAI))
    mail["Message-ID"] = f"<{out.number}@{urlsplit(settings.SITE_URL).hostname}>"
    mail["Auto-Submitted"] = "auto-generated"
    parts = [out.text]
    if out.link:
        parts.append(out.link)
    if out.stop:
        mail["List-Unsubscribe"] = f"<{out.stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        parts.append("-- \n" + _("No more messages like this: %(address)s") % {"address": out.stop})
    mail.set_content("\n\n".join(parts) + "\n", cte="base64")
    return mail


class MailFiles:
    """Mail as .eml files in the file outbox; any mail program opens them."""

    name = "mail files"
    repeatable = True

    def send(self, out: Outgoing, begin: Callable[[], None]) -> None:
        """Leave the mail as a file."""
        content = letter(out).as_bytes()
        begin()
        files.keep(f"mail-{out.number}.eml", content)


class Server(Protocol):
    """Where mail is handed over; `tls` is none, start or whole."""

    host: str
    port: int
    tls: str
    user: str
    password: str


class Smtp:
    """Hands mail to a server. Its acceptance is final: a mail cut off after that is not sent a second time."""

    name = "mail"
    repeatable = False

    def __init__(self, server: Server) -> None:
        self.server = server

    def send(self, out: Outgoing, begin: Callable[[], None]) -> None:
        """Hand the mail over; everything that can be refused is asked before `begin`."""
        mail, plain = letter(out), out.to.isascii()
        with _connection(self.server) as smtp:
            options = []
            if not plain:
                if not smtp.has_extn("smtputf8"):
                    raise Rejected(_("The mail server takes no addresses outside ASCII."))
                options = ["SMTPUTF8", "BODY=8BITMIME"]
            _answered(smtp.mail(settings.MAIL_FROM, options))
            _answered(smtp.rcpt(out.to))
            content = mail.as_bytes(policy=SMTP if plain else SMTPUTF8)
            begin()
            try:
                _answered(smtp.data(content))
            except smtplib.SMTPDataError as problem:
                _answered((problem.smtp_code, b""))
            except (smtplib.SMTPException, OSError) as problem:
                raise CutOff from problem


def _answered(answer: tuple[int, bytes]) -> None:
    """The server's own words are left out: they quote the receiver's address."""
    code = answer[0]
    if 200 <= code < 300:
        return
    sentence = _("The mail server answered %(code)s.") % {"code": code}
    raise Rejected(sentence) if code >= FOREVER else Unreachable(sentence)


@contextlib.contextmanager
def _connection(server: Server) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context() if server.tls in {"whole", "start"} else None
    try:
        smtp = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
            if server.tls == "whole"
            else smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        )
    except (smtplib.SMTPException, OSError) as problem:
        raise Away(_("The mail server cannot be reached.")) from problem
    try:
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.tls == "start":
                smtp.starttls(context=context)
                smtp.ehlo_or_helo_if_needed()
            if server.user:
                smtp.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError as problem:
            raise Away(_("The mail server does not accept user and password.")) from problem
        try:
            yield smtp
        except smtplib.SMTPServerDisconnected as problem:
            raise Away(_("The mail server hung up.")) from problem
    except (smtplib.SMTPException, OSError) as problem:
        raise Away(_("The mail server cannot be used: %(why)s.") % {"why": type(problem).__name__}) from problem
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
