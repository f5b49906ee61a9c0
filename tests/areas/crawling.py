"""A crawler that follows every link and search form of the site as one reader, and a city with words to be found."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urljoin, urlsplit

from django.test import Client

from kezhuan.areas.achievements.actions import register_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.matches.actions import introduce, refuse_suggestion
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.needs.actions import register_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, add_member, register_person
from kezhuan.kernel import followers
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.backfill import Backfill
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.lifecycle import Lifecycle, advance
from kezhuan.kernel.models import User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.registry import row_of
from kezhuan.kernel.text import batches
from tests.factories.city import achievement_facts, member, need_facts, officer, organisation

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
_TOOK = re.compile(r"<time[^>]*>[^<]*</time>")
LISTS = ("/search/", "/needs/", "/achievements/", "/organisations/", "/introductions/", "/notices/")
API = "/api/v1"
RECORDS = {
    "needs": ("/matches", "/near-misses"), "achievements": ("/matches",), "organisations": (), "introductions": (),
}  # fmt: skip
"""Kinds in the API, and what is told below the address of each beside what all have."""
DIRECTORIES = (
    "/organisations/",
    "/people/",
    "/records/O-",
    "/records/P-",
    "/search/",
    f"{API}/organisations",
    f"{API}/people",
    f"{API}/search",
)
"""Where the name of an organisation says nothing about what it takes part in: registers, and where a person works."""
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


Chosen = Callable[[str, str], bool]
"""Whether an address is asked for, and which one told of it."""


def _whatever(_address: str, _told_by: str) -> bool:
    return True


def crawl(
    client: Client, *, facets: bool = True, past: tuple[str, ...] = (), chosen: Chosen = _whatever
) -> Iterator[tuple[str, int, str]]:
    """Every page and file of the site that links lead to: address, status, text. Each form that asks is sent empty.

    What begins with one of `past` is not asked for, nor what is not `chosen`.
    """
    waiting, known = ["/", *LISTS, "/inbox/", "/match/", "/sign-in/", "/sign-up/"], set()
    known.update(waiting)
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address)
        text = b"".join(answer).decode(errors="replace")  # a file comes as a stream
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
                or target.path.startswith(("/static/", "/styleguide", *past))
            ):
                continue
            following = target.path + (f"?{target.query}" if target.query else "")
            # One facet or one page at a time: every pair of facets would be the same page in another order.
            asked = target.query.split("&") if target.query else []
            if following not in known and all(facets or one.startswith("page=") for one in asked) and len(asked) < 2:
                known.add(following)
                if chosen(following, address):
                    waiting.append(following)


def crawl_api(client: Client, *, chosen: Chosen = _whatever) -> Iterator[tuple[str, int, str]]:
    """Every answer of the API that its lists and references lead to, as far as chosen: address, status, text."""
    waiting = [f"{API}/{plural}?limit=100&facets=true" for plural in (*RECORDS, "search")] + [f"{API}/status"]
    known = set(waiting)
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address)
        text = answer.content.decode(errors="replace")
        yield address, answer.status_code, text
        if answer.status_code != 200 or not answer["Content-Type"].startswith("application/json"):
            continue
        found = list(_addresses(answer.json()))
        if answer.json().get("next"):
            found.append(f"{address.partition('&cursor')[0]}&cursor={answer.json()['next']}")
        for following in found:
            if following not in known:
                known.add(following)
                if chosen(following, address):
                    waiting.append(following)


def _addresses(told: Any) -> Iterator[str]:
    """What an answer refers to, with all that is told of a record at addresses below its own."""
    if isinstance(told, dict):
        href = told.get("href", "")
        if "stage" in told and href:
            kind = urlsplit(href).path.split("/")[-2]
            yield from (href + end for end in ("", "/history", "/moves", "/documents", *RECORDS.get(kind, ())))
        elif href:
            yield str(href)
        for one in told.values():
            yield from _addresses(one)
    elif isinstance(told, list):
        for one in told:
            yield from _addresses(one)


def answer_to(client: Client, address: str, words: str) -> str:
    """What searching an address for words answers, without the words themselves and what differs from call to call."""
    text = client.get(address, {"q": words}).content.decode()
    for word in (quote_plus(words), words):
        text = text.replace(word, "…")
    return _TOOK.sub("", _TOKEN.sub("", text))


@dataclass
class Secrets:
    """The readers of the city, and each planted word with the readers it is meant for.

    `names` are names of organisations: anybody meets them in the directories, the named readers alone elsewhere.
    """

    actors: dict[str, Actor | None]
    words: dict[str, set[str]]
    names: dict[str, set[str]]
    codes: dict[str, str]
    files: dict[str, int]

    @property
    def meant(self) -> dict[str, set[str]]:
        """All planted words and names with their readers."""
        return self.words | self.names

    def met_in(self, address: str, text: str) -> set[str]:
        """The planted words that a page tells, and the names that it brings together with something else."""
        found = {word for word in self.words if word in text}
        if not address.startswith(DIRECTORIES):
            found |= {name for name in self.names if name in text}
        return found


def hidden_words(secrets: Secrets, who: str) -> list[str]:
    """What a reader may find nowhere, several words at a time; codes are no words: their year is in every other one."""
    secret = {word: meant for word, meant in secrets.words.items() if word.startswith("qzxv")}
    words = [word for word, meant in secret.items() if who not in meant and not word.endswith("file")]
    return [" ".join(some) for some in batches(words, 12)]


INSIDE = {"owner", "colleague"}
OFFICERS = {"officer", "district officer"}
CLOSED = {"unheard firm", "hidden firm", "known firm", "closed unit", "need officer", "result officer"}
"""Those around introductions between two closed sides (see `plant_closed`)."""
EVERYBODY = {*INSIDE, *OFFICERS, *CLOSED, "wrong officer", "partner", "rival", "visitor"}


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
        made = achievement_facts(**facts)
        if stage == "registered":  # entered there by an officer: the way to it may lead through a notice
            why = Backfill("先前已登记")
            return register_achievement(actor=bureau, owner=by.organisation, facts=made, stage=stage, why=why)
        row = register_achievement(actor=by, owner=by.organisation, facts=made)
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
    advance(NEED, rows["withdrawn"], "withdraw", actor=owner, note="qzxvwithdrawnote")
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
    closed = plant_closed(bureau)
    followers.run_pending()
    actors |= closed.actors
    inside, full = INSIDE, INSIDE | OFFICERS
    return Secrets(
        actors={name: actor_for(one.person) if one and one.person else None for name, one in actors.items()},
        words={
            "qzxvtradetitle": full, "qzxvtradebody": inside, "qzxvtradekey": inside, "qzxvtradeinner": inside,
            "qzxvtradefile": inside,
            "qzxvinternaltitle": full, "qzxvinternalbody": full, "qzxvinternalchain": full,
            "qzxvconfidential": full, "qzxvfullfile": full, "qzxvopenfile": EVERYBODY,
            "qzxvdrafttitle": inside, "qzxvdraftbody": inside,
            "qzxvsubmittedtitle": full, "qzxvwithdrawntitle": full, "qzxvwithdrawnote": full,
            "qzxvdoortitle": full, "qzxvdoorbody": full, "qzxvdoorchain": full, "qzxvdoorfile": full,
            "qzxvopentitle": EVERYBODY, "qzxvonlybody": full, "qzxvonlyscene": full,
            "qzxvtheirs": OFFICERS | {"partner"}, "qzxvrefused": OFFICERS | {"partner"},
            # The two sides, since both agreed; the city's officers know everybody's address.
            "qzxvmail": {*inside, "partner", "officer"}, "qzxvphone": {*inside, "partner", "officer"},
            "qzxvagreed": {*inside, *OFFICERS, "partner"},
        } | closed.words,
        names=closed.names,
        codes={name: row_of(row.record).record.code for name, row in rows.items()},
        files=files,
    )  # fmt: skip


def _party(word: str, region: str, kind: str = "enterprise") -> Actor:
    """Somebody who acts for an organisation of a district; the word is in both names and in the telephone number."""
    unit = organisation(f"单位qzxvorg{word}", kind=kind, region=region)
    person = register_person(actor=SYSTEM, name=f"人员qzxvman{word}", phone=f"020-qzxvtel{word}")
    add_member(actor=SYSTEM, organisation=unit, person=person, role=Role.ADMINISTRATOR)
    return actor_for(person)


def plant_closed(bureau: Actor) -> Secrets:
    """Introductions between closed-door needs and internal results, each at another step: nobody has agreed, one has,
    one has and the other declined, the first asked declined, both agreed and it was dropped.

    Needs and results belong to other districts than their owners, so four districts stand around each introduction.
    """
    unheard, hidden, known = (_party(name, "440106") for name in ("unheard", "hidden", "known"))
    unit = _party("unit", "440112", "university")
    need_officer, result_officer = officer("440105"), officer("440111")

    codes: dict[str, str] = {}

    def introduced(word: str, firm: Actor) -> Any:
        facts = {"title": f"抛光 qzxvneed{word}", "confidentiality": "closed_door", "region": "440105"}
        need = register_need(actor=firm, owner=firm.organisation, facts=need_facts(**facts, contact=firm.person))
        facts = {"title": f"抛光 qzxvresult{word}", "secrecy": "internal", "region": "440111"}
        result = register_achievement(
            actor=unit, owner=unit.organisation, facts=achievement_facts(**facts, contact=unit.person)
        )
        need = _entered(NEED, need, "published", firm, bureau)
        result = _entered(ACHIEVEMENT, result, "listed", unit, bureau)
        # Even the code of a hidden record tells who it was, on the day when it is laid open.
        codes[f"qzxvneed{word}"], codes[f"qzxvresult{word}"] = need.record.code, result.record.code
        return introduce(actor=bureau, need=need, supply=result.record)

    def step(row: Any, name: str, actor: Actor, word: str) -> Any:
        reason = "partner" if name in {"decline", "drop"} else ""
        return advance(INTRODUCTION, row, name, actor=actor, reason=reason, note=f"qzxvnote{word}")

    introduced("new", unheard)
    step(introduced("refused", unheard), "decline", unit, "refused")
    step(introduced("half", hidden), "agree", unit, "half")
    step(step(introduced("declined", hidden), "agree", unit, "shown"), "decline", hidden, "declined")
    row = step(step(introduced("dropped", known), "agree", unit, "first"), "agree", known, "second")
    step(row, "drop", unit, "dropped")

    city, ours, theirs = {"officer"}, {"need officer"}, {"result officer"}
    own = {"closed unit"}
    # Whoever is in charge of where a person works sees the person, not what the person takes part in.
    home = {"district officer"}
    words = {
            "qzxvneednew": {"unheard firm", *city, *ours}, "qzxvneedrefused": {"unheard firm", *city, *ours},
            "qzxvneedhalf": {"hidden firm", *city, *ours}, "qzxvneeddeclined": {"hidden firm", *city, *ours},
            "qzxvneeddropped": {"known firm", *own, *city, *ours},
            "qzxvresultnew": {*own, *city, *theirs}, "qzxvresultrefused": {*own, *city, *theirs},
            "qzxvresulthalf": {"hidden firm", *own, *city, *theirs},
            "qzxvresultdeclined": {*own, *city, *theirs},
            "qzxvresultdropped": {"known firm", *own, *city, *theirs},
            "qzxvnoterefused": {*own, *city, *theirs},
            "qzxvnotehalf": {"hidden firm", *own, *city, *theirs},
            "qzxvnoteshown": {*own, *city, *theirs},
            "qzxvnotedeclined": {"hidden firm", *city, *ours},
            "qzxvnotefirst": {"known firm", *own, *city, *theirs}, "qzxvnotesecond": {"known firm", *own, *city, *ours},
            "qzxvnotedropped": {"known firm", *own, *city, *theirs},
            "qzxvmanunheard": {"unheard firm", *city, *ours, *home},
            "qzxvmanhidden": {"hidden firm", *city, *ours, *home},
            "qzxvmanknown": {"known firm", *own, *city, *ours, *home},
            "qzxvmanunit": {"known firm", *own, *city, *theirs},
            "qzxvtelunheard": {"unheard firm", *city, *home}, "qzxvtelhidden": {"hidden firm", *city, *home},
            "qzxvtelknown": {"known firm", *own, *city, *home}, "qzxvtelunit": {"known firm", *own, *city},
        }  # fmt: skip
    return Secrets(
        actors={
            "unheard firm": unheard, "hidden firm": hidden, "known firm": known, "closed unit": unit,
            "need officer": need_officer, "result officer": result_officer,
        },
        words=words | {code: words[title] for title, code in codes.items()},
        names={
            "qzxvorgunheard": {"unheard firm", *city, *ours}, "qzxvorghidden": {"hidden firm", *city, *ours},
            "qzxvorgknown": {"known firm", *own, *city, *ours},
            "qzxvorgunit": {"hidden firm", "known firm", *own, *city, *theirs},
        },
        codes={},
        files={},
    )  # fmt: skip
