"""A small CAS server in a process of its own: `python cas_server.py PORT`. It asks for a name, gives tickets that are
good once, for one service, and tells whose they are (CAS protocol 3.0, sections 2.1 and 2.8)."""

import json
import secrets
import sys
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

PEOPLE: dict[str, dict[str, str]] = {}
TICKETS: dict[str, tuple[str, str]] = {}
XML = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{}</cas:serviceResponse>'


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def answer(self, status: int, body: str = "", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/cas/login":
            self.answer(200, '<form method="post"><input name="username"><button>OK</button></form>')
        elif parts.path == "/cas/p3/serviceValidate":
            user, service = TICKETS.pop(asked.get("ticket", ""), ("", ""))
            if not user or service != asked.get("service"):
                self.answer(
                    200, XML.format('<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>')
                )
                return
            told = "".join(f"<cas:{name}>{escape(value)}</cas:{name}>" for name, value in PEOPLE.get(user, {}).items())
            inside = f"<cas:user>{escape(user)}</cas:user><cas:attributes>{told}</cas:attributes>"
            self.answer(200, XML.format(f"<cas:authenticationSuccess>{inside}</cas:authenticationSuccess>"))
        else:
            self.answer(404)

    def do_POST(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        user, ticket = parse_qs(body)["username"][0], f"ST-{secrets.token_urlsafe(16)}"
        TICKETS[ticket] = (user, asked["service"])
        mark = "&" if "?" in asked["service"] else "?"
        self.answer(302, Location=f"{asked['service']}{mark}{urlencode({'ticket': ticket})}")

    def do_PUT(self) -> None:
        """Make somebody known with these attributes."""
        name = urlsplit(self.path).path.removeprefix("/people/")
        PEOPLE[name] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(204)

    def log_message(self, *_arguments: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
