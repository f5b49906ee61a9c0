"""How rows of a file become tasks of the chain leader that brings them: one row is a gap and a task that closes it."""

from collections.abc import Hashable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.chains.models import SelectionMode, Task
from kezhuan.areas.chains.task_actions import COLUMNS, TaskFacts, check_facts, columns_of
from kezhuan.areas.chains.task_lifecycle import TASK
from kezhuan.areas.chains.task_sheets import TASKS
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, cleaned


class TaskRows(Importable[TaskFacts]):
    """Imported tasks are drafts of the organisation that brings them."""

    lifecycle = TASK
    model = Task
    stage = "draft"
    needs_one_of = ("title",)
    sheet = TASKS
    column_of = {"fiscal_fen": "fiscal", "own_fen": "own", "summary": "text"}

    def facts(self, content: Content) -> TaskFacts:
        """See the base."""
        values = content.values
        content.keep("secrecy", values["secrecy"])
        lengths = {"chain": 60, "link": 120}
        texts = {
            name: content.fitted(name, lengths[name]) if name in lengths else values[name] or ""
            for name in COLUMNS
            if name != "mode"
        }
        return TaskFacts(
            title=titled(values["title"] or "", values["text"] or "", content.extra),
            summary=values["text"] or "",
            **texts,
            mode=content.code("mode", SelectionMode.values),
            months=values["months"],
            fiscal_fen=values["fiscal"],
            own_fen=values["own"],
            extra=content.extra,
        )

    def check(self, facts: TaskFacts, content: Content) -> list[Problem]:
        """The checks of writing one by hand; whose it is must be known."""
        if content.owner is None:
            return [Problem("owner-missing", _("A task belongs to an organisation; name it with --owner."), "title")]
        return list(check_facts(facts))

    def words(self, facts: TaskFacts) -> Words:
        """The task and its goal."""
        return Words(clean(facts.title), "", clean(facts.summary))

    def own(self, facts: TaskFacts) -> dict[str, Any]:
        """All own columns."""
        return columns_of(facts) | {"extra": cleaned(dict(facts.extra))}

    def alike(self, row: Any) -> Hashable | None:
        """Its organisation alone reads a draft."""
        return (row.record.owner_id,)


ROWS = TaskRows()
