"""A crawler that follows every link and search form of the site as one reader, and a city with words to be found."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client

from kezhuan.areas.achievements.actions import register_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.matches.actions import introduce, refuse_suggestion
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.needs.actions import register_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.kernel import followers
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.lifecycle import Lifecycle, advance
from kezhuan.kernel.models import User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.registry import row_of
from tests.factories.city import achievement_facts, member, need_facts, officer, organisation

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
_TOOK = re.compile(r"<time[^>]*>[^<]*</time>")
LISTS = ("/search/", "/needs/", "/achievements/", "/organisations/", "/introductions/")
API = "/api/v1"
OUTSIDE = "qzxvnowhere"
"""A word that stands nowhere."""


def client_of(actor: Actor | None) -> Client:
    """A browser of this actor, reading English; None is a visitor."""
    client = Client(headers={"accept-language": "en"})
    if actor is not None and actor.person is not None:
        user = User.objects.filter(person=actor.person).first() or User.objects.create_user(
            f"{actor.person.record.code}@example.com", "", person=actor.person
        )
        client.force_login(user)
    return client


def crawl(client: Client, *, facets: bool = True) -> Iterator[tuple[str, int, str]]:
    """Every page and file of the site that links lead to: address, status, text. Each form that asks is sent empty."""
    waiting, known = ["/", *LISTS, "/inbox/", "/match/", "/sign-in/", "/sign-up/"], set()
    known.update(waiting)
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address)
        text = answer.content.decode(errors="replace")
        yield address, answer.status_code, text
        if answer.status_code in {301, 302}:
            found = [answer["Location"]]
        elif answer["Content-Type"].startswith("text/html"):
            found = [html.unescape(link) for link in _LINK.findall(text)]
        else:
            continue
        for link in found:
            target = urlsplit(urljoin(address, link))
            if (
                target.netloc
                or target.scheme not in {"", "http"}
                or target.path.startswith(("/static/", "/styleguide"))
            ):
                continue
            following = target.path + (f"?{target.query}" if target.query else "")
            # One facet at a time: every pair of facets would be the same page in another order.
            if following not in known and target.query.count("=") <= int(facets):
                known.add(following)
                waiting.append(following)


def answer_to(client: Client, address: str, word: str) -> str:
    """What searching an address for a word answers, without the word itself and what differs from call to call."""
    text = client.get(address, {"q": word}).content.decode()
    return _TOOK.sub("", _TOKEN.sub("", text)).replace(word, "…")


@dataclass
class Secrets:
    """The readers of the city, and each planted word with the readers it is meant for."""

    actors: dict[str, Actor | None]
    words: dict[str, set[str]]
    codes: dict[str, str]
    files: dict[str, int]


INSIDE = {"owner", "colleague"}
OFFICERS = {"officer", "district officer"}
EVERYBODY = {*INSIDE, *OFFICERS, "wrong officer", "partner", "rival", "visitor"}


STEPS = {"draft": 0, "submitted": 1, "listed": 2, "published": 2, "registered": 3}


def _entered(lifecycle: Lifecycle, row: Any, stage: str, owner: Actor, bureau: Actor) -> Any:
    """The row taken to a stage: its unit submits, one bureau does the rest."""
    names = ("submit", "publish") if lifecycle.kind == "need" else ("submit", "list", "register")
    for name in names[: STEPS[stage]]:
        row = advance(lifecycle, row, name, actor=owner if name == "submit" else bureau)
    return row


def _body(word: str) -> str:
    return f"大尺寸碳化硅衬底的化学机械抛光,表面粗糙度低 {word}"


def plant() -> Secrets:
    """A firm and a university with records of every confidentiality, each holding words found nowhere else."""
    firm, university = organisation("穗芯公司"), organisation("南粤大学", kind="university")
    owner = member(firm, Role.ADMINISTRATOR)
    contact = register_person(actor=SYSTEM, name="联系人", email="qzxvmail@example.com", phone="020-qzxvphone")
    professor = member(university)
    actors: dict[str, Actor | None] = {
        "owner": owner,
        "colleague": member(firm, Role.READER),
        "rival": member(organisation("粤材公司")),
        "partner": professor,
        "officer": officer(),
        "district officer": officer("440106"),
        "wrong officer": officer("440113"),
        "visitor": None,
    }
    bureau = actors["officer"]
    assert bureau is not None

    def achievement(by: Actor, stage: str = "listed", **facts: Any) -> Any:
        row = register_achievement(actor=by, owner=by.organisation, facts=achievement_facts(**facts))
        return _entered(ACHIEVEMENT, row, stage, by, bureau)

    def need(by: Actor, stage: str = "published", **facts: Any) -> Any:
        row = register_need(actor=by, owner=by.organisation, facts=need_facts(**facts))
        return _entered(NEED, row, stage, by, bureau)

    rows: dict[str, Any] = {
        "trade": achievement(owner, secrecy="trade_secret", title="抛光 qzxvtradetitle",
                             summary=_body("qzxvtradebody"), keywords=("qzxvtradekey",), confidential="qzxvtradeinner"),
        "internal": achievement(owner, secrecy="internal", title="抛光 qzxvinternaltitle",
                                summary=_body("qzxvinternalbody"), chain="qzxvinternalchain"),
        "public": achievement(owner, stage="registered", confidential="qzxvconfidential", contact=contact),
        "draft": achievement(owner, stage="draft", title="抛光 qzxvdrafttitle", summary=_body("qzxvdraftbody")),
        "submitted": need(owner, stage="submitted", title="抛光 qzxvsubmittedtitle"),
        "withdrawn": need(owner, title="抛光 qzxvwithdrawntitle"),
        "closed door": need(owner, confidentiality="closed_door",
                            title="抛光 qzxvdoortitle", problem=_body("qzxvdoorbody"), chain="qzxvdoorchain"),
        "title only": need(owner, confidentiality="title_only",
                           title="抛光 qzxvopentitle", problem=_body("qzxvonlybody"), scenario="qzxvonlyscene"),
        "open": need(owner, contact=contact),
        # What the other side has, so that suggestions would betray the firm's closed records.
        "their result": achievement(professor),
        "their need": need(professor),
        "their closed result": achievement(professor, secrecy="internal",
                                           title="抛光 qzxvtheirs"),
    }  # fmt: skip
    advance(NEED, rows["withdrawn"], "withdraw", actor=owner, note="qzxvnote")
    files = {
        name: attach_document(
            actor=owner, record=rows[record].record, group=group, upload=Upload(f"{name}.txt", name.encode(), True)
        ).pk
        for name, record, group in (
            ("qzxvfullfile", "public", "full"),
            ("qzxvopenfile", "public", "public"),
            ("qzxvdoorfile", "closed door", "public"),
            ("qzxvtradefile", "trade", "public"),
        )
    }
    followers.run_pending()
    # The university's closed result is refused for the firm's need: the need's history must not tell the firm.
    refuse_suggestion(
        actor=professor,
        need=rows["open"],
        supply=rows["their closed result"].record,
        reason="partner",
        words="qzxvrefused",
    )
    intro = introduce(actor=owner, need=rows["open"], supply=rows["their result"].record)
    advance(INTRODUCTION, intro, "agree", actor=professor, note="qzxvagreed")
    followers.run_pending()
    inside, full = INSIDE, INSIDE | OFFICERS
    return Secrets(
        actors={name: actor_for(one.person) if one and one.person else None for name, one in actors.items()},
        words={
            "qzxvtradetitle": full, "qzxvtradebody": inside, "qzxvtradekey": inside, "qzxvtradeinner": inside,
            "qzxvtradefile": inside,
            "qzxvinternaltitle": full, "qzxvinternalbody": full, "qzxvinternalchain": full,
            "qzxvconfidential": full, "qzxvfullfile": full, "qzxvopenfile": EVERYBODY,
            "qzxvdrafttitle": inside, "qzxvdraftbody": inside,
            "qzxvsubmittedtitle": full, "qzxvwithdrawntitle": full, "qzxvnote": full,
            "qzxvdoortitle": full, "qzxvdoorbody": full, "qzxvdoorchain": full, "qzxvdoorfile": full,
            "qzxvopentitle": EVERYBODY, "qzxvonlybody": full, "qzxvonlyscene": full,
            "qzxvtheirs": OFFICERS | {"partner"}, "qzxvrefused": OFFICERS | {"partner"},
            # The two sides, since both agreed; the city's officers know everybody's address.
            "qzxvmail": {*inside, "partner", "officer"}, "qzxvphone": {*inside, "partner", "officer"},
            "qzxvagreed": {*inside, *OFFICERS, "partner"},
        },
        codes={name: row_of(row.record).record.code for name, row in rows.items()},
        files=files,
    )  # fmt: skip
