"""Clients of the API for named actors: what each may see and do is told through them."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from kezhuan.areas.achievements.actions import AchievementFacts, Contribution, register_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.needs.actions import register_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import SYSTEM, add_member, register_person
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, User
from kezhuan.kernel.models.parties import Role
from tests.factories.city import need_facts, organisation

ROOT = "/api/v1"


class Api(Client):
    """A client of the API: JSON in, JSON out, in English."""

    def __init__(self, actor: Actor | None = None, **given: Any) -> None:
        super().__init__(headers={"accept-language": "en"}, **given)
        if actor is not None:
            assert actor.person is not None
            self.force_login(actor.person.user)

    def read(self, address: str, status: int = 200, **query: Any) -> Any:
        answer = self.get(address if address.startswith("/api/") else ROOT + address, query)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    def send(self, address: str, body: Any = None, status: int = 200, method: str = "POST") -> Any:
        answer = self.generic(method, ROOT + address, json.dumps(body or {}), content_type="application/json")
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    def refused(self, address: str, status: int, body: Any = None, method: str = "POST") -> dict[str, str]:
        """The codes of a refusal by field."""
        answer = self.send(address, body, status, method) if method != "GET" else self.read(address, status)
        assert answer["status"] == status
        assert all(problem["message"] for problem in answer["problems"])
        return {problem["field"]: problem["code"] for problem in answer["problems"]}

    def codes(self, address: str, **query: Any) -> list[str]:
        return [item["code"] for item in self.read(address, **query)["items"]]


@dataclass
class City:
    """Who lives here, each with a client."""

    owner: Actor
    rival: Actor
    university: Actor
    officer: Actor
    colleague: Actor

    def __post_init__(self) -> None:
        self.visitor_api = Api()
        self.owner_api = Api(self.owner)
        self.rival_api = Api(self.rival)
        self.university_api = Api(self.university)
        self.officer_api = Api(self.officer)
        self.colleague_api = Api(self.colleague)

    @property
    def everybody(self) -> dict[str, Api]:
        return {
            "owner": self.owner_api,
            "colleague": self.colleague_api,
            "officer": self.officer_api,
            "university": self.university_api,
            "rival": self.rival_api,
            "visitor": self.visitor_api,
        }


def make_member(owner: Organisation, name: str, role: str = Role.MEMBER) -> Actor:
    """Somebody with an account who acts for the organisation."""
    person = register_person(actor=SYSTEM, name=name, email="someone@example.com", phone="020-00000000")
    # Not through create_user: hashing a password is most of the time of a test, and nobody signs in with one here.
    User.objects.create(email=f"{person.record.code}@example.com", password="!", person=person)
    add_member(actor=SYSTEM, organisation=owner, person=person, role=role)
    return actor_for(person)


def make_need(owner: Actor, officer: Actor | None = None, **facts: Any) -> Need:
    """A draft of the owner's; with an officer it is submitted and published."""
    given = need_facts(**{"title": "大尺寸碳化硅衬底抛光", "contact": owner.person} | facts)
    row = register_need(actor=owner, owner=owner.organisation, facts=given)
    return _taken(NEED, row, {"submit": owner, "publish": officer} if officer else {})


def make_achievement(owner: Actor, officer: Actor | None = None, **facts: Any) -> Achievement:
    """A draft of the owner's; with an officer it is submitted and listed."""
    given = {
        "title": "碳化硅衬底化学机械抛光工艺",
        "summary": "用于大尺寸碳化硅衬底的抛光液与工艺，表面粗糙度低。",
        "field": "materials",
        "trl": 6,
        "completers": (Contribution("林教授", 10_000),),
        "contact": owner.person,
    }
    row = register_achievement(actor=owner, owner=owner.organisation, facts=AchievementFacts(**given | facts))
    return _taken(ACHIEVEMENT, row, {"submit": owner, "list": officer} if officer else {})


def _taken(lifecycle: Any, row: Any, steps: dict[str, Actor]) -> Any:
    for name, actor in steps.items():
        row = advance(lifecycle, row, name, actor=actor)
    return row


def make_city() -> City:
    """A firm with a reading colleague, its rival, a university, an officer of the city."""
    firm, rival = organisation("穗芯公司"), organisation("粤材公司")
    university, bureau = organisation("南粤大学", kind="university"), organisation("科学技术局", kind="government")
    return City(
        owner=make_member(firm, "陈一", Role.ADMINISTRATOR),
        rival=make_member(rival, "吴二"),
        university=make_member(university, "林教授"),
        officer=make_member(bureau, "黎局员", Role.OFFICER),
        colleague=make_member(firm, "何三", Role.READER),
    )
