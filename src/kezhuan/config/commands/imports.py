"""`./kezhuan imports`: the imports made so far, newest first, with the number by which one is undone."""

import json
from typing import Any

from kezhuan.config.speech import Parser, prefers_english, told, whole_number
from kezhuan.config.start import bring_up_to_date, start_django

COUNTS = ("read", "created", "updated", "unchanged", "rejected")


def run(argv: list[str]) -> int:
    """List the newest imports as a table, or as JSON lines."""
    parser = Parser("imports", "列出已做的导入，新的在前。", "List the imports made so far, newest first.")
    most = whole_number(1, 1_000_000)
    parser.add_argument("--top", metavar="N", type=most, default=20, help=told("条数", "how many"))
    parser.add_argument("--json", action="store_true", help=told("每行一个 JSON 对象", "one JSON object a line"))
    given = parser.parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    from kezhuan.exchange.models import Import

    rows = Import.objects.select_related("by__record").order_by("-pk")[: given.top]
    with translation.override("en" if prefers_english() else "zh-hans"):
        if given.json:
            for one in rows:
                print(json.dumps(_object(one), ensure_ascii=False))
            return 0
        for one in rows:
            print(_line(one))
    return 0


def _object(one: Any) -> dict[str, Any]:
    return {
        "id": one.pk,
        "kind": one.kind,
        "file": one.file_name,
        "sha256": one.sha256,
        "source": one.source,
        "state": one.state,
        "started_at": one.started_at.isoformat(),
        "by": one.by.record.code if one.by else None,
        **{name: getattr(one, name) for name in COUNTS},
    }


def _line(one: Any) -> str:
    from kezhuan.kernel import registry
    from kezhuan.kernel.text import SHANGHAI

    counts = told(
        f"新增 {one.created:,}，更新 {one.updated:,}，未变 {one.unchanged:,}，退回 {one.rejected:,}",
        f"{one.created:,} created, {one.updated:,} updated, {one.unchanged:,} unchanged, {one.rejected:,} rejected",
    )
    who = one.by.record.title if one.by else "—"
    when = one.started_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    kind = registry.kind_of(one.kind).plural
    return f"{one.pk:>5}  {when}  {kind}  {one.get_state_display()}  {who}  {one.file_name}  {counts}"
