"""Tasks of a chain for tests, made through the program's own actions."""

from typing import Any

from kezhuan.areas.chains.models import Task
from kezhuan.areas.chains.task_actions import Selection, TaskFacts, draft_task, keep_selection
from kezhuan.areas.chains.task_lifecycle import TASK
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from tests.factories import city, projects

STEPS = {
    "draft": [], "published": ["publish"], "started": ["publish", "start"], "done": ["publish", "start", "finish"],
    "dropped": ["publish", "drop"], "discarded": ["discard"],
}  # fmt: skip


def facts(**said: Any) -> TaskFacts:
    """A gap with all that its list says, and a task that is commissioned."""
    return TaskFacts(
        **{
            "title": "抛光液攻关", "chain": "半导体与集成电路", "link": "抛光材料", "missing": "8英寸抛光液依赖进口",
            "state_of_art": "国内样品缺陷高一个量级", "holds": "境外两家公司", "evidence": "近三年进口占比九成",
            "summary": "国产抛光液在产线替代", "indicators": "缺陷不高于0.1个每平方厘米", "months": 24,
            "fiscal_fen": 100_000_000, "own_fen": 50_000_000, "mode": "directed", "why": "仅一家有产线验证数据", **said,
        }
    )  # fmt: skip


def commissioned(row: Task, undertaker: Organisation, project: str = "") -> Selection:
    """What the record of a directed commission needs."""
    return Selection(
        undertaker=undertaker.record.code, capability="唯一通过产线验证", related="无关联关系", decided_on=today(),
        minutes_no="董办〔2026〕3号", deciders="董事会七人全票", project=project,
    )  # fmt: skip


def completed(row: Task) -> None:
    """The record of the commission of a task to its own leader, chosen by a panel, whose project is there."""
    unit = row.record.owner
    assert unit is not None
    (chosen,) = projects.awarded(unit, call_kind="chain")
    code = projects.project(chosen, stage="drafted").record.code
    keep_selection(actor=city.clerk(unit), task=row, facts=commissioned(row, unit, code))


def task(unit: Organisation, by: Actor, *, stage: str = "draft", **said: Any) -> Task:
    """A task of a unit at a stage; what started was given to the unit itself, whose project it is."""
    row = draft_task(actor=by, facts=facts(**said))
    if stage in {"started", "done"}:
        completed(row)
    made: Task = city.taken(TASK, row, [(name, by) for name in STEPS[stage]])
    return made
