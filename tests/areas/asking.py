"""What a reader asks for beside following links: hidden records by address, lists as files, one address of a form."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Collection
from urllib.parse import urlsplit

from django.contrib.auth import SESSION_KEY
from django.test import Client

from tests.areas.crawling import API, LISTS, Secrets

_CODE = re.compile(r"([A-Z]+)-[0-9]{4}-[0-9]+")
_NUMBER = re.compile(r"[0-9a-f]{16,}|[0-9]+")


class Sample:
    """Chooses, out of thousands of addresses of one form, the first few; and all that have to do with records outside
    of a crowd: their own, and what their pages lead to. Lists are read to their last page."""

    def __init__(self, crowd: Collection[str], most: int) -> None:
        self.crowd, self.most = frozenset(crowd), most
        self.met: Counter[str] = Counter()

    def __call__(self, address: str, told_by: str) -> bool:
        """Whether to ask for it."""
        if self._is_apart(address) or self._is_apart(told_by) or "page=" in address or "cursor=" in address:
            return True
        place = urlsplit(address)
        names = sorted(one.partition("=")[0] for one in place.query.split("&"))
        form = " ".join((_NUMBER.sub("0", _CODE.sub(lambda code: code[1], place.path)), *names))
        self.met[form] += 1
        return self.met[form] <= self.most

    def _is_apart(self, address: str) -> bool:
        return any(code[0] not in self.crowd for code in _CODE.finditer(address))


HIDDEN = ("trade", "internal", "draft", "submitted", "withdrawn", "closed door")
NOWHERE = ("A-1999-00001", "N-1999-00001")
STRANGERS = {"visitor", "rival", "wrong officer", "partner"}
"""Those for whom hidden records are not there."""


def hidden_told(client: Client, who: str, secrets: Secrets) -> list[str]:
    """What tells a reader that a hidden record is there: by address, by move, by file, by typed need and by count."""
    problems = []
    for code in (*(secrets.codes[name] for name in HIDDEN), *NOWHERE) if who in STRANGERS else ():
        plural = "achievements" if code.startswith("A") else "needs"
        asked = {
            end: client.get(end)
            for end in (f"/{plural}/{code}/", f"/{plural}/{code}/edit/", f"/records/{code}/documents/")
        }
        moves = (f"/records/{code}/moves/{move}/" for move in ("withdraw", "fly"))
        asked |= {address: client.post(address, {"note": "n"}) for address in moves}
        problems += [
            f"{who}: {address} answers {one.status_code}" for address, one in asked.items() if one.status_code != 404
        ]
    for name, number in secrets.files.items():
        if client.get(f"/documents/{number}/").status_code != (200 if who in secrets.words[name] else 404):
            problems.append(f"{who}: the file {name}")
    typed = client.post("/match/", {"text": "大尺寸碳化硅衬底的化学机械抛光"}).content.decode()
    problems += [
        f"{who}: a typed need finds {word}"
        for word, meant in secrets.words.items()
        if who not in meant and word in typed
    ]
    for kind in ("needs", "achievements", "organisations", "introductions"):
        if client.get(f"/{kind}/").context["pager"].total != client.get(f"{API}/{kind}").json()["total"]:
            problems.append(f"{who}: the count of {kind}")
    return problems


def taken_along(client: Client, secrets: Secrets, ending: str) -> set[str]:
    """The planted words in the files of all lists."""
    found: set[str] = set()
    for address in (*LISTS, "/inbox/"):
        answer = client.post(address, {"export": ending})
        if answer.status_code == 302:
            assert (address, SESSION_KEY in client.session) == ("/inbox/", False)
            continue
        assert answer.status_code == 200, (address, ending)
        content = b"".join(answer.streaming_content)
        text = content.decode("utf-8-sig") if ending == "csv" else words_in(content)
        found |= {word for word in secrets.words if word in text}
    return found


def words_in(workbook: bytes) -> str:
    """All text of a workbook's parts."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
