"""What the invented city's bureau has on its desk beside needs and results: notices, and an objection to one."""

from collections.abc import Callable

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.notices.actions import object_to_notice, prepare_notice
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.kernel import rulebook
from kezhuan.kernel.access import VISITOR, Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import User
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.text import today

NOTICES = 3
"""Results that are laid open before they are registered: one prepared, one running, one objected to."""
RULES = (("notice.achievement.register", 5), ("notice.achievement.register.objections", 3))


def officer() -> Actor:
    """The city's officer of the demo."""
    return actor_for(User.objects.select_related("person__record").get(email="officer@demo.kezhuan").person)


def lay_open(step: Callable[[str, int, int], None]) -> None:
    """Ask for a notice before results are registered, and hold a few."""
    actor = officer()
    for code, days in RULES:
        rulebook.add_rule_value(
            actor=actor,
            code=code,
            jurisdiction="440100",
            value=days,
            unit=Unit.WORKING_DAYS,
            effective_from=today(),
            source="示范城市的虚构规定，非政策文件 invented for the demo city, no policy",
        )
    listed = Achievement.objects.filter(record__stage="listed", record__public_to__key="public")
    for number, row in enumerate(listed.select_related("record").order_by("pk")[:NOTICES], 1):
        notice = prepare_notice(
            actor=actor,
            row=row,
            move="register",
            audience="public",
            reception="广州市科学技术局(示范)成果处，020-00000000，officer@demo.kezhuan",
            channels=["site"] if number > 1 else ["site", "bureau"],
        )
        if number > 1:
            notice = advance(NOTICE, notice, "start", actor=actor)
        if number == NOTICES:
            object_to_notice(
                actor=VISITOR,
                notice=notice,
                name="示例·周异议",
                contact="020-00000001",
                text="公示的完成人排序与项目验收材料不一致，请核实。",
            )
        step("notices", number, NOTICES)
