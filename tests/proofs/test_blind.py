"""Proof: while a panel judges double-blind, every role follows every link and finds no name that it may not know."""

import io
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain

import pytest
from django.test import Client
from pypdf import PdfReader

from kezhuan.areas.reviews.asking_actions import answer_expert, ask_applicant
from kezhuan.areas.reviews.guest_actions import GuestFacts, invite_guest
from kezhuan.areas.reviews.guests import path_of
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.models import Panel, Review
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.config.commands.test import ROOT
from kezhuan.config.commands.test import pytest as run_tests
from kezhuan.exchange.papers.archiving import rows_of_case, write_folder
from kezhuan.kernel import feeds, followers, registry
from kezhuan.kernel.access import GROUPS, Actor, actor_for
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Message, Person, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import mail
from kezhuan.kernel.outbox import words as letters
from kezhuan.kernel.text import today
from tests.areas.asking import words_in
from tests.areas.crawling import API, DIRECTORIES, client_of, crawl
from tests.areas.test_reviews_blind import FOLLOWED, HERS, scene
from tests.factories import city, reviews

PLURALS = ("reviews", "panels", "experts", "applications", "calls", "notices", "people")
BELOW = ("", "/history", "/documents", "/moves", "/items", "/experts", "/draw", "/conflicts")
LISTS = ("/reviews/", "/panels/", "/experts/", "/applications/", "/calls/", "/notices/", "/inbox/", "/search/")
Told = tuple[str, str]


def read_by(client: Client, person: Person | None) -> Iterator[Told]:
    """Everything that a reader is told, each with its address: pages, the API, files of lists, papers, the calendar."""
    for address, status, text in crawl(client, facets=False):
        assert status < 500, address
        yield address, text
    for plural in PLURALS:
        listed = client.get(f"{API}/{plural}?limit=100&facets=true")
        yield plural, listed.content.decode()
        for one in listed.json().get("items", ()):
            for end in BELOW:
                yield one["href"] + end, client.get(one["href"] + end).content.decode()
            if plural == "applications":
                yield f"questions {one['code']}", client.get(f"{API}/questions/{one['code']}").content.decode()
            if plural == "reviews":
                yield from printed(client, one["code"])
            if plural in {"reviews", "panels", "applications", "notices"} and person is not None:
                yield from folder(actor_for(person), one["code"])
    for address in LISTS:
        for ending in ("csv", "xlsx"):
            answer = client.post(address, {"export": ending})
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            is_book = ending == "xlsx" and answer.streaming
            named = f"{address} {ending} {answer.headers.get('Content-Disposition', '')}"
            yield named, words_in(content) if is_book else content.decode("utf-8-sig")
    if person is not None:
        calendar = client.get("/" + feeds.open_feed(person).split("/", 3)[3])
        yield f"calendar {dict(calendar.headers)}", calendar.content.decode()
        yield from posted(person)


def printed(client: Client, code: str) -> Iterator[Told]:
    """A review as a paper: the name of the file, its words, what it says of itself."""
    answer = client.get(f"/records/{code}/signatures/print/")
    if answer.status_code == 200:
        reader = PdfReader(io.BytesIO(answer.content))
        words = "\n".join(page.extract_text() for page in reader.pages)
        yield f"paper {answer['Content-Disposition']}", f"{words}\n{reader.metadata}\n{reader.xmp_metadata}"


def folder(actor: Actor, code: str) -> Iterator[Told]:
    """The archive folder of a case, where its reader may have it: the names of its files and all that they say."""
    record = Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(code=code)
    file, row = io.BytesIO(), registry.row_of(record)
    try:
        write_folder(actor, rows_of_case(actor, row), file, lambda _done, _total: None)
    except (NotAllowed, Refused):
        return
    with zipfile.ZipFile(file) as made:
        for name in made.namelist():
            content = made.read(name)
            if name.endswith(".pdf"):
                words = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
            else:
                words = words_in(content) if name.endswith(".docx") else content.decode("utf-8-sig")
            yield f"folder {code} {name}", words


def posted(person: Person) -> Iterator[Told]:
    """Every message to somebody as the mail that leaves the house, headers and all."""
    for row in Message.objects.filter(person=person):
        if (out := letters.outgoing(row)) is not None:
            made = mail.letter(out)
            yield f"mail {made.items()}", made.get_content()


def cast() -> tuple[dict[str, tuple[Client, Person | None, tuple[str, ...]]], Actor]:
    """Everybody who is not of the bureau or its agency, with what they may not meet while the panel judges; and the
    officer who runs the panel."""
    officer, recommending = city.officer(), city.organisation("推荐协会", kind="agency")
    applicant, row, panel = scene(officer, recommending)
    guest = invite_guest(
        actor=officer, panel=panel, facts=GuestFacts("qzxvguest", "qzxvguest@example.org", "finance", today())
    )
    visitor = client_of(None)
    behind = path_of(guest.guest)
    empty = {"complete": "on", "ties-TOTAL_FORMS": "0", "ties-INITIAL_FORMS": "0"}
    assert visitor.post(f"{behind}ties/", empty).status_code == 302
    assert visitor.post(behind).status_code == 302
    panel = advance(PANEL, Panel.objects.select_related("record", "about").get(pk=panel.pk), "begin", actor=officer)
    seats = list(Review.objects.filter(panel=panel).select_related("record", "expert__person__record", "panel__record"))
    done = {"number": 1, "marks": ["80", "80"], "words": ["qzxvopinion", "市场明确"], "submit": True}
    for seat in seats[:2]:
        score_item(actor=reviews.judge(seat), review=seat, **done)
    # Either side names itself in a question or its answer: the other is not told.
    asker = seats[2].expert.person.record.title
    ask_applicant(actor=reviews.judge(seats[2]), review=seats[2], number=1, words=f"{asker}问：温度是多少？")
    words = "qzxvunit 的 qzxvhead 答：80℃，电话13812345678，品牌 qzxvbrand。"
    answer_expert(actor=applicant, record=row.record, number=1, words=words)
    followers.run_pending()
    names = tuple(one.expert.person.record.title for one in seats)
    firm = (*HERS, row.record.code)
    unit = city.organisation("旁观公司")
    outside: dict[str, Actor | None] = {
        "poster": city.clerk(row.item.poster), "outsider": city.clerk(unit), "visitor": None,
        "reader": city.member(unit, Role.READER), "district officer": city.officer("440117"),
        "auditor": city.member(officer.organisation, Role.AUDITOR),
        "another expert": actor_for(reviews.expert("别组专家", by=officer).person),
    }  # fmt: skip
    panels = (panel.record.code, panel.record.title, "qzxvopinion")
    found = {who: (client_of(one), one and one.person, (*names, *panels, *firm)) for who, one in outside.items()}
    for who, one in (("applicant", applicant), ("recommending unit", city.clerk(recommending))):
        found[who] = client_of(one), one.person, (*names, *panels)
    for who, seat in (("expert who scored", seats[0]), ("expert who scores", seats[2])):
        others = [name for name in names if name != seat.expert.person.record.title]
        opinion = () if who == "expert who scored" else ("qzxvopinion",)
        found[who] = client_of(reviews.judge(seat)), seat.expert.person, (*others, *firm, *opinion)
    found["guest"] = visitor, None, (*names[:3], *firm, *panels[:1], "qzxvopinion")
    return found, officer


def guest_pages(client: Client) -> Iterator[Told]:
    """What stands behind a guest's address."""
    guest = Review.objects.select_related("guest", "expert__person").get(guest__isnull=False)
    base = path_of(guest.guest)
    for end in ("", "ties/", "decline/", "account/", "items/1/", "items/1/ask/", "items/1/give-back/"):
        answer = client.get(base + end)
        assert answer.status_code == 200, end
        yield base + end, answer.content.decode()
    yield from posted(guest.expert.person)


@pytest.mark.django_db
def test_no_role_finds_a_name_in_a_blind_phase(figure: Callable[[str], None]) -> None:
    people, runner = cast()
    met, seen = set(), 0
    for who, (client, person, hidden) in people.items():
        for address, text in chain(read_by(client, person), guest_pages(client) if who == "guest" else ()):
            seen += 1
            # A register of units and people says nothing of what they take part in.
            if not address.startswith(DIRECTORIES):
                met |= {(who, address, word) for word in hidden if word.lower() in (text + address).lower()}
    assert met == set()
    # The same crawler meets each of these words as the officer who runs the panel, who may know them.
    pages = crawl(client_of(runner), facets=False, chosen=lambda address, _by: address.startswith(FOLLOWED))
    told = "\n".join(text for _address, _status, text in pages).lower()
    wanted = {word for _client, _person, hidden in people.values() for word in hidden} - {"qzxvopinion"}
    assert [word for word in sorted(wanted) if word.lower() not in told] == []
    figure(f"{len(people)} roles, {seen:,} pages, answers, files, papers, calendars and mails: 0 names met")


def test_the_same_on_postgresql(postgres: str, figure: Callable[[str], None]) -> None:
    here = "tests/proofs/test_blind.py::test_no_role_finds_a_name_in_a_blind_phase"
    assert (ROOT / here.partition("::")[0]).exists()
    assert run_tests(["-q", "-m", "proof", here], {"KEZHUAN_DATABASE_URL": postgres}) == 0
    figure("the same on PostgreSQL")
