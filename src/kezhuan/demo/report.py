"""What the demo command prints: how much there is, the ten best matches with their reasons, the accounts."""

import textwrap

from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.wording import part_lines
from kezhuan.demo.build import ACCOUNTS, PASSWORD, counts


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
    lines = [
        f"示范城市(全部虚构):{held['organisations']} 家单位,{held['achievements']} 项成果,{held['needs']} 条需求。"
        if chinese
        else f"The demo city (all invented): {held['organisations']} organisations, {held['achievements']} achievements,"
        f" {held['needs']} needs.",
        "",
        "匹配度最高的十对:" if chinese else "The ten best matches:",
    ]
    for number, row in enumerate(best_matches(), 1):
        need, supply = row.need.record, row.supply
        lines += [
            f"{number:>2}. {row.score:.2f}  {need.title if chinese else need.title_en or need.title}",
            f"      ← {supply.title if chinese else supply.title_en or supply.title}"
            f"({supply.owner.record.title if chinese else supply.owner.record.title_en})",
        ]
        for part in part_lines(row.parts, language):
            lines += textwrap.wrap(
                f"{part.value:+.2f} {part.label}{':' if chinese else ': '}{part.because}",
                96 if not chinese else 60,
                initial_indent="        ",
                subsequent_indent="              ",
            )
    lines += ["", f"演示账号(密码均为 {PASSWORD}):" if chinese else f"Demo accounts (password {PASSWORD}):"]
    lines += [f"  {one.email:<28} {one.chinese if chinese else one.english}" for one in ACCOUNTS]
    return "\n".join(lines)
