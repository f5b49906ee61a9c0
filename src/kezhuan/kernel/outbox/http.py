"""One careful HTTP POST: no redirects, no proxies, a bounded answer, and no way into the house's own network."""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from kezhuan.kernel.outbox.ways import Away, CutOff, Rejected

SECONDS = 10
MOST_READ = 64 * 1024


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    private: bool,
    begin: Callable[[], None] = lambda: None,
    method: str = "POST",
) -> tuple[int, bytes]:
    """Post to an address; returns status and the answer's first bytes.

    Unless `private`, an address that leads into a private network is refused: whoever names a webhook must not reach
    the programs behind the firewall with it. Raises `Away`, `Rejected`, or `CutOff` when no answer came.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    # It reads the certificates of the machine, which takes longer than many an answer.
    context = ssl.create_default_context() if secure else None
    connection = (
        http.client.HTTPConnection(host, port, timeout=SECONDS)
        if context is None
        else http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
    )
    try:
        # The address that was looked at is the one connected to: a name may lead elsewhere a moment later.
        stream = socket.create_connection((_address(host, port, private=private), port), SECONDS)
        connection.sock = stream if context is None else context.wrap_socket(stream, server_hostname=host)
    except OSError as problem:
        raise Away(_("%(host)s cannot be reached.") % {"host": host}) from problem
    try:
        begin()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body or None, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(MOST_READ)
    except (http.client.HTTPException, OSError) as problem:
        raise CutOff from problem
    finally:
        connection.close()


def _address(host: str, port: int, *, private: bool) -> str:
    found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(ipaddress.ip_address(one.split("%")[0]).is_global for one in found):
        raise Rejected(_("%(host)s lies in a private network; only the operator may allow that.") % {"host": host})
    return found[0]
