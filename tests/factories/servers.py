"""Real servers on this machine that tests send to: one takes mail, one takes posts; both do as they are told."""

import http.server
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Mailbox:
    """What a mail server was handed, and how it behaves: codes it answers with, and whether it hangs up."""

    port: int = 0
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hang_up_after_data: bool = False
    before_answer: Callable[[], None] = lambda: None


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server (RFC 5321, the part that is used) until the block ends."""
    box = Mailbox()

    class Session(socketserver.StreamRequestHandler):
        def say(self, command: str, default: str) -> bool:
            answer = box.answers.get(command, default)
            self.wfile.write(answer.encode() + b"\r\n")
            return answer[0] == "2" or answer[0] == "3"

        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            receiver = ""
            while line := self.rfile.readline():
                command = line[:4].decode().upper().strip()
                if command == "RCPT":
                    receiver = line.decode().split("<")[1].split(">")[0]
                if command == "DATA" and self.say("DATA", "354 go on"):
                    body = b""
                    while (part := self.rfile.readline()) not in {b".\r\n", b""}:
                        body += part
                    box.before_answer()
                    if box.hang_up_after_data:
                        box.mails.append((receiver, body))
                        return
                    if self.say("BODY", "250 kept"):
                        box.mails.append((receiver, body))
                elif command != "DATA":
                    self.say(command, "221 bye" if command == "QUIT" else "250 test")
                if command == "QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        with _running(server):
            yield box


@dataclass
class Posts:
    """What a web server was sent, and what it answers: status and body, in turn, the last one for ever."""

    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(200, b"{}")])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def web_server() -> Iterator[Posts]:
    """A web server that takes any request until the block ends; status 0 hangs up without an answer."""
    posts = Posts()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            posts.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, answer = posts.answers.pop(0) if len(posts.answers) > 1 else posts.answers[0]
            if status == 0:
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        posts.port = server.server_address[1]
        with _running(server):
            yield posts


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
