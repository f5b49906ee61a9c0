"""The columns in which notices and objections stand in a spreadsheet."""

from datetime import date
from typing import Any

from kezhuan.areas.notices.lifecycle import NOTICE, OBJECTION
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, own, record_columns, word
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models.notices import ChannelKind, NoticeAudience
from kezhuan.kernel.notices import RECEIVED
from kezhuan.kernel.text import listed


def _move(_actor: Actor, row: Any) -> str:
    return str(registry.kind_of(row.about).lifecycle.moves[row.move].label)


def _began(_actor: Actor, row: Any) -> date | None:
    return min((one.started_on for one in row.channels.all() if one.started_on), default=None)


def _channels(_actor: Actor, row: Any) -> str:
    return listed(" ".join(filter(None, (str(ChannelKind(one.kind).label), one.address))) for one in row.channels.all())


def _open(_actor: Actor, row: Any) -> int:
    return sum(one.record.stage == RECEIVED for one in row.objections.all())


NOTICES = Sheet(
    NOTICE.kind,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("公示对象编号", "Told of", lambda _actor, row: row.about.code, width=16),
        SheetColumn("公示事项", "Before the step", _move, width=16),
        SheetColumn("公示单位", "Held by", lambda _actor, row: row.issuer.record.title, width=28),
        SheetColumn(
            "公示范围", "Laid open before", lambda _actor, row: str(NoticeAudience(row.audience).label), width=16
        ),
        SheetColumn("公示渠道", "Places", _channels, width=40),
        SheetColumn("公示起始日", "First day", _began, width=12),
        SheetColumn("公示截止日", "Last day", own("ends_on"), width=12),
        SheetColumn("异议受理截止日", "Objections until", own("objections_until"), width=12),
        SheetColumn("收到异议", "Objections received", lambda _actor, row: len(row.objections.all()), width=10),
        SheetColumn("未处理异议", "Objections open", _open, width=10),
        SheetColumn("内容哈希", "Hash of the content", own("content_hash"), width=20),
        *record_columns(owner=False),
    ),
    related=("about", "issuer__record"),
    prefetch=("channels", "objections__record"),
)
OBJECTIONS = Sheet(
    OBJECTION.kind,
    (
        CODE_COLUMN,
        SheetColumn("公示编号", "Notice", lambda _actor, row: row.notice.record.code, width=16),
        SheetColumn("公示名称", "Title of the notice", lambda _actor, row: row.notice.record.title, width=40),
        SheetColumn("收到日期", "Received on", own("received_on"), width=12),
        SheetColumn("异议内容", "What is wrong", word("summary"), width=60),
        SheetColumn("异议人", "Sent by", own("name"), "full"),
        SheetColumn("异议人单位", "Unit", own("unit"), "full", width=28),
        SheetColumn("联系方式", "Telephone or mail", own("contact"), "full", width=20),
        *record_columns(owner=False),
    ),
    related=("notice__record",),
)
