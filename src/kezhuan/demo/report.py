"""What the demo command prints: how much there is, the ten best matches with their reasons, the accounts."""

from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.wording import part_lines
from kezhuan.demo.build import ACCOUNTS, PASSWORD, counts
from kezhuan.engines.rounding import adding_up
from kezhuan.engines.tables.terminal import wrap
from kezhuan.web.names import name_of

WIDTH = 84
"""Columns of the terminal that a reason may take; a Chinese character takes two."""


def best_matches(limit: int = 10) -> list[Suggestion]:
    """The best public suggestion of each need, best needs first."""
    rows = (
        Suggestion.objects.filter(need__record__public_to__key="public", supply__public_to__key="public")
        .select_related("need__record__owner__record", "supply__owner__record")
        .order_by("-score", "need_id", "supply_id")
    )
    first: dict[int, Suggestion] = {}
    for row in rows.iterator():
        first.setdefault(row.need_id, row)
        if len(first) == limit:
            break
    return list(first.values())


def summary(language: str) -> str:
    """The whole report in "zh" or "en"."""
    chinese = language == "zh"
    held = counts()
    if chinese:
        head = f"示范城市（全部虚构）：{held['organisations']} 家单位，{held['achievements']} 项成果，{held['needs']} 条需求。"
    else:
        head = (
            f"The demo city (all invented): {held['organisations']} organisations, {held['achievements']} achievements,"
            f" {held['needs']} needs."
        )
    lines = [head, "", "匹配度最高的十对：" if chinese else "The ten best matches:"]
    for number, row in enumerate(best_matches(), 1):
        lines += _match(number, row, language)
    lines += ["", f"演示账号（密码均为 {PASSWORD}）：" if chinese else f"Demo accounts (password {PASSWORD}):"]
    lines += [f"  {one.email:<28} {one.chinese if chinese else one.english}" for one in ACCOUNTS]
    return "\n".join(lines)


def _match(number: int, row: Suggestion, language: str) -> list[str]:
    need, supply, owner = row.need.record, row.supply, row.supply.owner
    lines = [f"{number:>2}. {row.score:.2f}  {name_of(need)}", f"      ← {name_of(supply)}"]
    if owner is not None:
        lines[-1] += f" · {name_of(owner.record)}"
    parts = list(part_lines(row.parts, language))
    for part, value in zip(parts, adding_up([part.value for part in parts], 2), strict=True):
        first, *rest = wrap(f"{part.label} {part.because}", WIDTH)
        lines += [f"        {value:+.2f} {first}", *(f"              {line}" for line in rest)]
    return lines
