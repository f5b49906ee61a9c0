"""Readers of a running site: they sign in, open pages side by side, and tell how long each answer took."""

import http.client
import json
import re
import sys
import threading
import time
from http.cookies import SimpleCookie
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart


class Reader:
    """One browser: a connection that stays open, and its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies: dict[str, str] = {}
        self.location = ""

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, file: tuple[str, bytes] | None = None
    ) -> tuple[int, str, float]:
        """Status, body and seconds of one answer; `location` is where it leads to. A form may carry a named file."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent = urlencode(form).encode() if form is not None else None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if form is not None and file is not None:
            sent = encode_multipart(BOUNDARY, {**form, "file": SimpleUploadedFile(*file)})
            headers["Content-Type"] = MULTIPART_CONTENT
        began = time.perf_counter()
        self.connection.request(method, path, sent, headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        self.location = answer.headers.get("Location") or ""
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.value
        return answer.status, body.decode("utf-8", "replace"), took

    def sign_in(self, email: str, password: str) -> None:
        """Sign in as a reader does, through the form."""
        _, form, _ = self.ask("GET", "/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None
        status, _, _ = self.ask(
            "POST", "/sign-in/", {"email": email, "password": password, "csrfmiddlewaretoken": token.group(1)}
        )
        assert status == 302, status


def measure(port: int, paths: list[str], *, readers: int, times: int, cookies: dict[str, str]) -> list[float]:
    """Seconds of `times` answers, the paths in turn, asked by so many readers at once, none by two where there are as
    many paths.

    `cookies` are those of a session, or none.
    """
    each = times // readers
    crowd = [Reader(port) for _ in range(readers)]
    seconds: list[float] = []
    wrong: list[str] = []

    def read(reader: Reader, start: int) -> None:
        reader.cookies = dict(cookies)
        for path in islice(cycle(paths), start, start + each):
            status, _, took = reader.ask("GET", path)
            seconds.append(took)
            if status != 200:
                wrong.append(f"{status} {path}")

    threads = [threading.Thread(target=read, args=(reader, place * each)) for place, reader in enumerate(crowd)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]
    return seconds


def percentile(seconds: list[float], share: float) -> float:
    """The time within which this share of the answers came."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    asked: dict[str, Any] = json.loads(sys.argv[1])
    print(json.dumps(measure(asked.pop("port"), asked.pop("paths"), **asked)))
