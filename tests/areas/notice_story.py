"""The city in which notices are told: a listed result, an officer, rule values, and a day that moves on."""

from datetime import date

import pytest

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.notices import actions, checks, lifecycle, permissions
from kezhuan.areas.notices.lifecycle import NOTICE, OBJECTION
from kezhuan.kernel import clocks, notices, rulebook, workdays
from kezhuan.kernel import lifecycle as kernel_lifecycle
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Objection
from tests.factories import city

MONDAY = date(2026, 3, 2)
PROOF = Upload("截图.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20, True)
LAST_PROOF = Upload("撤下前截图.png", b"\x89PNG\r\n\x1a\n" + b"1" * 20, True)
RECEPTION = "科技局成果处 020-83120000"


class Story:
    """A listed result, an officer, a rule that asks for five working days and three for objections; today is a Monday
    in March 2026 until the story moves on."""

    def __init__(self, monkeypatch, days=5, tail=3, **facts):
        self.monkeypatch = monkeypatch
        self.officer, self.unit = city.officer(), city.organisation(kind="university")
        self.owner = city.member(self.unit, "administrator")
        self.row = city.achievement(self.unit, stage="listed", by=self.owner, **facts)
        self.at(MONDAY)
        if days:
            self.rule("notice.achievement.register", days)
        if tail:
            self.rule("notice.achievement.register.objections", tail)

    def rule(self, code, value, unit="working days"):
        return rulebook.add_rule_value(
            actor=self.officer, code=code, jurisdiction="440100", value=value, unit=unit,
            effective_from=date(2026, 1, 1), source="穗科规字〔2026〕9号",
        )  # fmt: skip

    def at(self, day):
        for module in (actions, checks, lifecycle, permissions, notices, clocks, kernel_lifecycle, rulebook, workdays):
            if hasattr(module, "today"):
                self.monkeypatch.setattr(module, "today", lambda: day)

    def prepare(self, channels=("site",), audience="public", actor=None):
        return actions.prepare_notice(
            actor=actor or self.officer, row=self.row, move="register", audience=audience, reception=RECEPTION,
            channels=list(channels),
        )  # fmt: skip

    def running(self, **given):
        return self.take(self.prepare(**given), "start")

    def take(self, row, name, note="", reason="", actor=None):
        life = OBJECTION if isinstance(row, Objection) else NOTICE
        return advance(life, row, name, actor=actor or self.officer, note=note, reason=reason)

    def register(self):
        return advance(ACHIEVEMENT, self.row, "register", actor=self.officer)

    def object(self, notice, actor=VISITOR, **more):
        given = {"name": "赵举", "contact": "13812345678", "text": "完成人排序与事实不符。"} | more
        return actions.object_to_notice(actor=actor, notice=notice, **given)


def codes(refused):
    return sorted(problem.code for problem in refused.value.problems)


def refused_with(function, *expected):
    with pytest.raises(Refused) as refused:
        function()
    assert codes(refused) == sorted(expected)
