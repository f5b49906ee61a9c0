"""The agreement (赋权协议): what it says of a grant, on the notice, on paper, and as the team signs it; in Chinese."""

import hashlib
import json
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from kezhuan.areas.rights.models import OWNERSHIP, GrantKind, GrantMember, RightsGrant
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import Content, OnPaper
from kezhuan.kernel.errors import Text
from kezhuan.kernel.filings import Content as Filed
from kezhuan.kernel.models import Person
from kezhuan.kernel.notices import BETWEEN, LANGUAGE
from kezhuan.kernel.notices import Content as Noticed

Terms = list[tuple[str, str]]


def percent(bp: int | None) -> str:
    """Basis points as a percentage, as a contract says it."""
    return "" if bp is None else f"{bp / 100:.2f}%"


def _day(day: date | None) -> str:
    return in_words(day) if day is not None else ""


def told_apart(name: str, person: Person | None, shared: Collection[str], number: int) -> str:
    """A name as it tells somebody from others who share it: with the code of their account, or else their place."""
    return name if name not in shared else f"{name[:60]}（{person.record.code if person is not None else number}）"


def team_of(row: RightsGrant) -> list[tuple[str, GrantMember]]:
    """The team in order, each by a name that nobody else in it has; one query."""
    members = list(row.members.select_related("person__record"))
    names = [one.name for one in members]
    shared = {name for name in names if names.count(name) > 1}
    return [(told_apart(one.name, one.person, shared, one.number), one) for one in members]


def _parties(row: RightsGrant) -> Terms:
    owner, about = row.record.owner, row.achievement
    team = BETWEEN.join(f"{name}（{percent(one.part_bp)}）" for name, one in team_of(row))
    return [
        ("赋权单位", owner.record.title if owner is not None else ""),
        ("赋权成果", f"{about.title}（{about.code}）"),
        ("成果完成人及团队内部分配", team),
    ]


def _object(row: RightsGrant) -> Terms:
    kind = GrantKind(row.kind)
    if kind in OWNERSHIP:
        share = row.share_bp or 0
        held = [("完成人持有份额", percent(share)), ("单位持有份额", percent(10_000 - share))]
    else:
        able = {True: "可以", False: "不可以"}
        held = [
            ("使用权范围", BETWEEN.join(filter(None, (row.get_use_scope_display(), row.use_field, row.use_territory)))),
            ("再许可与转让", f"{able[row.sublicence]}再许可；{able[row.transferable]}转让"),
        ]
    return [("赋权类型", str(kind.label)), *held, ("起始日", _day(row.starts_on)), ("终止日", _day(row.ends_on))]


def _terms(row: RightsGrant) -> Terms:
    rewarded = "参加" if row.owner_rewarded else "不参加"
    milestones = "\n".join(f"{one.number}. {_day(one.due_on)}前：{one.text}" for one in row.milestones.all())
    return [
        ("转化收益分配", f"团队{percent(row.income_bp)}，单位{percent(10_000 - row.income_bp)}"),
        ("权属份额持有人是否另行参加单位奖励", "；".join(filter(None, (rewarded, row.reward_clause)))),
        ("费用分担", f"团队{percent(row.costs_bp)}，单位{percent(10_000 - row.costs_bp)}"),
        ("转化决策机制", "；".join(filter(None, (row.get_decision_rule_display(), row.decision_text)))),
        ("转化里程碑", milestones),
        ("收回条件", row.reclaim_text),
        ("限期改正", f"单位书面提示之日起{row.cure_days}日"),
        ("完成人离职、退休、去世的处理", row.exit_text),
        ("利益冲突声明", "；".join(filter(None, ("完成人持有使用方股权" if row.holds_equity else "", row.interests)))),
    ]


def terms_of(row: RightsGrant) -> Terms:
    """The agreement as labels and texts, as the grant stands now; two queries."""
    with translation.override(LANGUAGE):
        return [(label, text) for label, text in (*_parties(row), *_object(row), *_terms(row)) if text]


def wording_of(terms: Any) -> str:
    """The SHA-256 of an agreement."""
    canonical = json.dumps([list(one) for one in terms], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def frozen_terms(row: RightsGrant) -> Terms:
    """The agreement as it was last handed in; of a draft that never was, as it stands."""
    return [(label, text) for label, text in row.terms] or terms_of(row)


def printed(row: RightsGrant) -> Content:
    """The agreement as it is printed: frozen, with its hash, and room for everybody's signature."""
    terms, names = frozen_terms(row), BETWEEN.join(name for name, _one in team_of(row))
    facts = (
        *terms,
        ("文本哈希（SHA-256）", row.wording or wording_of(terms)),
        ("完成人（签字）", f"{names}：" + "　" * 12),
    )
    return Content("职务科技成果赋权协议", row.record.code, facts)


def noticed(row: RightsGrant) -> Noticed:
    """What a notice tells: all but how the team and the unit run it between themselves."""
    told = frozen_terms(row)
    shown: list[tuple[Text, str]] = [(label, text) for label, text in told if label not in _INSIDE]
    return Noticed(subject=row.record.title, facts=shown, text=row.record.summary)


_INSIDE = frozenset({"费用分担", "转化决策机制", "转化里程碑", "限期改正", "完成人离职、退休、去世的处理"})


def filed(row: RightsGrant) -> Filed:
    """What a filing tells of a grant: its agreement, and how far it has come."""
    contract = row.contract.code if row.contract is not None else ""
    return Filed(
        subject=row.record.title,
        facts=(
            *frozen_terms(row),
            (_("Agreed on"), _day(row.agreed_on)),
            (_("Number of the title change"), row.title_change_no),
            (_("Title changed on"), _day(row.title_changed_on)),
            (_("Contract"), contract),
        ),
        text=row.record.summary,
    )


def told_as_evidence(row: RightsGrant) -> dict[str, Any]:
    """What was decided on, as its evidence file tells it: the frozen text, and who has signed it."""
    return {
        "terms": frozen_terms(row),
        "wording": row.wording,
        "team": [
            {
                "name": one.name,
                "part_bp": one.part_bp,
                "signed": one.signed,
                "signed_on": one.signed_on.isoformat() if one.signed_on is not None else "",
                "on_paper": one.on_paper,
            }
            for one in row.members.all()
        ],
        "bars_declared_not_to_hold": row.cleared,
    }


PAPER = OnPaper("赋权协议", "achievement", lambda row: str(row.record.owner.record.title), printed, only=Q(pk__in=()))
"""It lies in no achievement's archive folder: the office that keeps those does not read what a unit keeps inside."""
