"""Build the invented city through the program's own actions: organisations, people, results, needs, introductions."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import Any

from stdnum.cn import uscc

from kezhuan.areas.achievements import actions as achievements
from kezhuan.areas.achievements.checks import patent_check_digit
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.contracts.permissions import PROGRAMME as CONTRACTS
from kezhuan.areas.matches import actions as matches
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction, Suggestion
from kezhuan.areas.needs import actions as needs
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import SYSTEM, add_member, create_officer, register_organisation, register_person
from kezhuan.demo.brokers import fill_queues
from kezhuan.demo.calls import run_calls
from kezhuan.demo.chains import run_chains
from kezhuan.demo.contracts import register_contracts
from kezhuan.demo.editions import run_editions
from kezhuan.demo.evaluations import evaluate_results
from kezhuan.demo.exemptions import examine_decision
from kezhuan.demo.grants import grant_rights
from kezhuan.demo.income import distribute_income
from kezhuan.demo.ledger import keep_ledger
from kezhuan.demo.licences import take_licences
from kezhuan.demo.line import walk_the_line
from kezhuan.demo.prices import find_prices
from kezhuan.demo.procedures import acting_for, ask_for_approval, keep_and_file, lay_open, officer
from kezhuan.demo.projects import run_projects
from kezhuan.demo.shared import SHARED
from kezhuan.demo.story import OF_THE_FIRM, OF_THE_UNIVERSITY, introduce_for, miss_for, refuse_for, write_drafts
from kezhuan.demo.teams import enter_teams
from kezhuan.kernel import followers, journal
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, Person, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import fen_from_wan

PASSWORD = "kezhuan-demo"  # noqa: S105  invented people of an invented city; production refuses these accounts
MANY = 270
"""Of the results before this one all that the university has are registered."""
PARTS = ("a", "b", "c")
Step = Callable[[str, int, int], None]
"""Progress: what is being done, how many are done, of how many."""


@dataclass(frozen=True)
class DemoAccount:
    """An account that the demo prints: who it is and what may be tried with it."""

    email: str
    chinese: str
    english: str


ACCOUNTS = (
    DemoAccount(
        "officer@demo.kezhuan", "市科技局管理人员：审核、发布、登记", "city officer: review, publish, register"
    ),
    DemoAccount("firm@demo.kezhuan", "企业：提出需求、查看匹配、约谈", "firm: post needs, see matches, introduce"),
    DemoAccount(
        "university@demo.kezhuan",
        "高校成果转化办公室：登记成果、答复约谈",
        "university office: register results, answer",
    ),
    DemoAccount(
        "finance@demo.kezhuan",
        "高校财务：登记定价与收益等内部材料，报送主管部门",
        "university finance: keep inner dossiers of price and income, file them",
    ),
    DemoAccount(
        "inventor@demo.kezhuan",
        "成果完成人：签署赋权协议、查看我的份额和收益",
        "completer: sign the split of a grant, see one's own share and money",
    ),
    DemoAccount(
        "leader@demo.kezhuan",
        "高校校长办公会：待表决事项及其证据，登记会议决定",
        "university leaders' meeting: decisions that wait, with their evidence",
    ),
    DemoAccount(
        "legal@demo.kezhuan",
        "高校法务：审查尽职免责案件、登记认定会议决定",
        "university legal office: cases of exemption, the meeting that finds",
    ),
    DemoAccount(
        "registrar@demo.kezhuan",
        "技术合同登记员：复核技术合同",
        "registrar of technology contracts: the second look",
    ),
    DemoAccount(
        "expert@demo.kezhuan", "评审专家：申报利益关系、评分", "expert: declare ties, score items of a blind panel"
    ),
    DemoAccount("broker@demo.kezhuan", "技术经纪人：接手撮合任务、跟进", "technology broker: work a queue of pairs"),
    DemoAccount("auditor@demo.kezhuan", "安全审计员：下载审计月报", "auditor: take a month of the audit along"),
)


@dataclass
class _City:
    """What was built so far, by the keys of the content files."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    officer: Actor = SYSTEM
    numbers: random.Random = field(default_factory=lambda: random.Random(440100))


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The rows of one kind of content, all parts after each other."""
    for part in PARTS:
        text = (files("kezhuan.demo.content") / f"{name}-{part}.jsonl").read_text(encoding="utf-8")
        for line in text.splitlines():
            if line.strip():
                yield json.loads(line)


def build_city(step: Step) -> None:
    """Build what the present database lacks of the city; every record passes the same checks as a person's own.

    Two transactions: the records, then (after the first matching) the introductions. An interrupted one leaves nothing.
    """
    if not User.objects.filter(email=ACCOUNTS[0].email).exists():
        city = _City()
        with journal.writing():
            _organisations(city, step)
            _accounts(city)
            _people(city, step)
            _achievements(city, step)
            _needs(city, step)
    followers.run_pending()
    if not Introduction.objects.exists():
        with journal.writing():
            _story()
            _introductions(step)
            lay_open(step)
            ask_for_approval(step)
            keep_and_file(step)
            register_contracts(step)
            run_calls(step, PASSWORD)
            run_projects(step)
            run_chains(step)
            run_editions(step)
            evaluate_results(step)
            grant_rights(step, PASSWORD)
            distribute_income(step)
            keep_ledger(step)
            find_prices(step)
            walk_the_line(step)
            take_licences(step)
            fill_queues(step, PASSWORD)
            examine_decision(step)
            # Last, so that nothing of the story before is told of them.
            enter_teams(step)
        followers.run_pending()


def is_complete() -> bool:
    """Whether nothing is left to build."""
    return Introduction.objects.exists()


def _code(city: _City, kind: str, region: str) -> str:
    prefix = {"enterprise": "91", "agency": "91", "fund": "91", "government": "11"}.get(kind, "12")
    body = f"{prefix}{region or '440101'}MA" + "".join(
        city.numbers.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in "1234567"
    )
    return body + str(uscc.calc_check_digit(body))


def _organisations(city: _City, step: Step) -> None:
    content = [
        *({**vars(one)} for one in SHARED),
        *rows("organisations"),
    ]
    for done, row in enumerate(content, 1):
        abroad = row["kind"] in {"hk_macao", "foreign"}
        organisation = register_organisation(
            actor=SYSTEM,
            name=row["name"],
            name_en=row["name_en"],
            kind=row["kind"],
            number=f"DEMO-{city.numbers.randrange(10**7):07d}" if abroad else _code(city, row["kind"], row["district"]),
            number_scheme=f"registry:{row.get('country', 'HK')}" if abroad else "uscc",
            summary=f"{row['summary']}\n{row['summary_en']}",
            region=row["district"] or "",
            country=row.get("country", "HK" if abroad else "CN"),
            size=row.get("size", ""),
            chain_leader=bool(row.get("chain_leader", "链主" in row["summary"])),
            stage="verified",
        )
        city.organisations[row["key"]] = organisation
        step("organisations", done, len(content))


def _accounts(city: _City) -> None:
    officer = create_officer(
        name="示例·陈审核",
        email="officer@demo.kezhuan",
        password=PASSWORD,
        department="广州市科学技术局(示范)",
        department_en="Guangzhou Science and Technology Bureau (demo)",
    )
    city.officer = actor_for(officer.person)
    create_officer(
        name="示例·周审计",
        email="auditor@demo.kezhuan",
        password=PASSWORD,
        department="广州市科学技术局(示范)",
        role=Role.AUDITOR,
    )
    create_officer(
        name="示例·郑复核",
        email="registrar@demo.kezhuan",
        password=PASSWORD,
        department="广州市科学技术局(示范)",
        programme=CONTRACTS,
    )
    leading = next(row["owner"] for row in rows("needs") if row["confidentiality"] == "public")
    for email, name, key, role in (
        ("firm@demo.kezhuan", "示例·林工", leading, Role.ADMINISTRATOR),
        ("university@demo.kezhuan", "示例·黄老师", "ysut", Role.ADMINISTRATOR),
        ("finance@demo.kezhuan", "示例·吴会计", "ysut", Role.FINANCE),
        ("leader@demo.kezhuan", "示例·校办主任", "ysut", Role.ADMINISTRATOR),
        ("legal@demo.kezhuan", "示例·蒋法务", "ysut", Role.LEGAL),
    ):
        person = register_person(actor=SYSTEM, name=name, email=email, phone="020-00000000")
        User.objects.create_user(email, PASSWORD, person=person)
        add_member(actor=SYSTEM, organisation=city.organisations[key], person=person, role=role)


def _people(city: _City, step: Step) -> None:
    content = list(rows("people"))
    for done, row in enumerate(content, 1):
        person = register_person(
            actor=SYSTEM,
            name=row["name"],
            name_en=row["name_en"],
            post=row["post"],
            email=f"{row['key']}@demo.kezhuan",
            phone=f"020-0000{done:04d}",
        )
        add_member(actor=SYSTEM, organisation=city.organisations[row["organisation"]], person=person, role=Role.READER)
        city.people[row["key"]] = person
        step("people", done, len(content))


def _number(city: _City, kind: str) -> str:
    kinds = {"invention": "1", "utility": "2", "design": "3"}
    if kind not in kinds:
        return ""
    digits = f"20{city.numbers.randrange(18, 26)}{kinds[kind]}{city.numbers.randrange(10**7):07d}"
    return f"{digits}.{patent_check_digit(digits)}"


def _achievement_facts(city: _City, row: dict[str, Any]) -> achievements.AchievementFacts:
    owner = city.organisations[row["owner"]]
    return achievements.AchievementFacts(
        title=row["title"],
        title_en=row["title_en"],
        summary=row["summary"],
        secrecy=row["class"],
        confidential=row["confidential"] or "",
        advantage=row["advantage"],
        keywords=tuple(row["keywords"]),
        field=row["field"],
        chain=row["chain"],
        discipline=row["discipline"],
        trl=row["trl"],
        modes=tuple(row["modes"]),
        rights_states=tuple(row.get("rights_states", ())),
        price_fen=None if row["price_wan"] is None else fen_from_wan(row["price_wan"]),
        region=owner.region,
        rights=tuple(
            achievements.Right(one["kind"], one["status"], _number(city, one["kind"]), one["title"])
            for one in row["ip"]
        ),
        completers=tuple(
            achievements.Contribution(
                city.people[one["person"]].record.title, round(one["share"] * 100), city.people[one["person"]]
            )
            for one in row["completers"]
        ),
        contact=city.people[row["contact"]],
    )


def _achievements(city: _City, step: Step) -> None:
    content = list(rows("achievements"))
    for done, row in enumerate(content, 1):
        owner = city.organisations[row["owner"]]
        actor = acting_for(owner, city.people[row["contact"]])
        made = achievements.register_achievement(actor=actor, owner=owner, facts=_achievement_facts(city, row))
        advance(ACHIEVEMENT, made, "submit", actor=actor)
        # Every 25th stays on the officer's desk, so that the queue has work in it.
        if done % 25:
            advance(ACHIEVEMENT, made, "list", actor=city.officer)
            # Of the university many: they go on along their life line.
            if done % 3 == 0 or (row["owner"] == "ysut" and done < MANY):
                advance(ACHIEVEMENT, made, "register", actor=city.officer)
        step("achievements", done, len(content))


def _need_facts(city: _City, row: dict[str, Any]) -> needs.NeedFacts:
    owner = city.organisations[row["owner"]]
    return needs.NeedFacts(
        title=row["title"],
        title_en=row["title_en"],
        problem=row["problem"],
        confidentiality=row["confidentiality"],
        field=row["field"],
        chain=row["chain"],
        keywords=tuple(row["keywords"]),
        background=row["background"],
        scenario=row["scenario"],
        expected_benefit=row.get("expected_benefit") or "",
        claimant_requirements=row["claimant_requirements"],
        ip_terms=row["ip_terms"],
        ip_note=row.get("ip_note") or "",
        budget_fen=fen_from_wan(row["budget_wan"]),
        min_trl=row["min_trl"],
        modes=tuple(row["modes"]),
        region=owner.region,
        deadline=date.fromisoformat(row["deadline"]),
        self_solvable=row["self_solvable"],
        indicators=tuple(
            needs.Figure(one["name"], one["operator"], one["value"], one["unit"], one["test_method"])
            for one in row["indicators"]
        ),
        contact=city.people[row["contact"]],
        source=row["source"],
    )


def _needs(city: _City, step: Step) -> None:
    content = list(rows("needs"))
    for done, row in enumerate(content, 1):
        owner = city.organisations[row["owner"]]
        actor = acting_for(owner, city.people[row["contact"]])
        made = needs.register_need(actor=actor, owner=owner, facts=_need_facts(city, row))
        advance(NEED, made, "submit", actor=actor)
        if done % 20:
            advance(NEED, made, "publish", actor=city.officer)
        step("needs", done, len(content))


def _story() -> None:
    """What the demo accounts find waiting for them."""
    firm, university = (
        actor_for(User.objects.select_related("person__record").get(email=one.email).person) for one in ACCOUNTS[1:3]
    )
    for actor, side, plan in ((firm, "need", OF_THE_FIRM), (university, "supply", OF_THE_UNIVERSITY)):
        if actor.organisation is not None:
            introduce_for(actor.organisation, side, plan)
    if university.organisation is not None:
        refuse_for(university.organisation, 8)
        miss_for(university.organisation, 5)
    write_drafts(firm, university, officer())


def _introductions(step: Step) -> None:
    """A dozen pairs at every step of an introduction's life, so that each page has something to show."""
    best = list(
        Suggestion.objects.filter(
            need__record__public_to__key="public", supply__public_to__key="public", need__introductions=None
        )
        .select_related("need__record__owner", "need__record__contact", "supply__owner", "supply__contact")
        .order_by("-score")[:60]
    )
    seen: set[int] = set()
    pairs = [one for one in best if not (one.need_id in seen or seen.add(one.need_id))][:12]  # type: ignore[func-returns-value]  # so it is told
    for done, pair in enumerate(pairs, 1):
        asking = acting_for(pair.need.record.owner, pair.need.record.contact)
        answering = acting_for(pair.supply.owner, pair.supply.contact)
        made = matches.introduce(actor=asking, need=pair.need, supply=pair.supply)
        steps = (("agree", answering), ("meet", asking), ("intend", asking), ("contract", asking))
        for name, actor in steps[: done % 5]:
            if name in {move.name for move in INTRODUCTION.open_to(actor, made)}:
                made = advance(INTRODUCTION, made, name, actor=actor, note="示例记录")
        step("introductions", done, len(pairs))


def counts() -> dict[str, int]:
    """How much the city holds, by kind."""
    return {
        "organisations": Organisation.objects.count(),
        "achievements": Achievement.objects.count(),
        "needs": Need.objects.count(),
    }
