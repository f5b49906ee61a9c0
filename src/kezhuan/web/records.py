"""The page that every kind of record shares: header, stages, moves, history, documents, links, clocks, panels."""

from collections.abc import Sequence
from typing import Any, Literal

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kezhuan.exchange.papers.archiving import may_archive
from kezhuan.exchange.papers.printing import may_print
from kezhuan.kernel import access, approvals, clocks, disclosures, documents, notices, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.contents import type_label
from kezhuan.kernel.history import entries_of
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.lifecycle import Move
from kezhuan.kernel.models import Approval, Clock, Document, Entry, Filing, Link, Notice, Record, RuleUse, Watch
from kezhuan.kernel.models.notices import NoticeAudience
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.present import is_named, named_together
from kezhuan.kernel.text import SHANGHAI
from kezhuan.kernel.watches import watch_on
from kezhuan.web import faces
from kezhuan.web.components import (
    ButtonLink,
    ClockLine,
    Crumb,
    DocumentLine,
    Fact,
    LinkLine,
    OpenMove,
    StageState,
    StageStep,
    Tag,
    Text,
)
from kezhuan.web.history import LONGEST_HISTORY, history_lines, last_word
from kezhuan.web.inbox import clock_line
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of, rule_name, value_in_words
from kezhuan.web.routes import route_steps
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day

LONGEST_LINKS = 50
ASKED = (
    (Approval, "about"), (Notice, "about"), (Filing, "about"), (Clock, "record"), (Document, "record"),
    (RuleUse, "record"), (Link, "source"), (Link, "target"), (Watch, "record"),
)  # fmt: skip
"""What may name any record, and of most records nothing does."""
OFF_THE_PATH = {Phase.WITHDRAWN, Phase.VOID, Phase.FAILED}


def record_page(
    request: Request,
    row: Any,
    template: str = "record.html",
    *,
    title: str = "",
    facts: Sequence[Fact] = (),
    meta: Sequence[Text] = (),
    tags: Sequence[Tag] = (),
    buttons: Sequence[ButtonLink] = (),
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The page of a record that was fetched with `get_visible`; the area adds facts, words and its own middle."""
    actor, record, kind = request.actor, row.record, registry.kind_of(row.record)
    disclosures.note_shown(actor, [row])
    note_views(actor, [record.pk], "page")
    with named_together((*ASKED, *kind.asked), record.pk):
        entries = entries_of(record, LONGEST_HISTORY)
        title = title or name_of(record)
        routed = approvals.routes_for(actor, row)
        open_moves = kind.lifecycle.open_to(actor, row)
        approval = _approval(actor, record)
        chinese = (get_language() or "").startswith("zh")
        return page(
            request,
            template,
            status=status,
            record=record,
            row=row,
            title=title,
            title_en=record.title_en if chinese and title == record.title != record.title_en else "",
            code=record.code,
            crumbs=trail((_("Home"), "/"), *_list_crumb(kind), record.code),
            tags=(faces.stage_tag(record), *tags),
            meta=tuple(meta),
            steps=_steps(kind, record, entries),
            moves=tuple(open_move(actor, row, move) for move in open_moves if move.name not in routed),
            buttons=(
                *_approvals_due(record, [move for move in open_moves if move.name in routed]),
                *_edit(actor, row),
                *buttons,
            ),
            facts=tuple(facts),
            clocks=tuple(clock_lines(actor, record)),
            rules_used=tuple(_rules_used(actor, record)),
            documents=tuple(_documents(actor, row)),
            **(_paper_urls(actor, row) | _filed(actor, row) | _ends(actor, row)),
            links=tuple(_links(actor, record)),
            approval=approval,
            approval_url=faces.url_of(approval.record) if approval is not None else "",
            route=route_steps(approval) if approval is not None else (),
            notices=tuple(_notices(actor, record)),
            notice_buttons=tuple(_notices_due(actor, kind, row)),
            **_history(actor, record, entries),
            panels=tuple(_panels(actor, kind, row)),
            watch_url=reverse("watch-record", args=[record.code]) if actor.is_signed_in else "",
            watched=is_named(Watch, "record", record.pk) and watch_on(actor, record) is not None,
            **more,
        )


def _edit(actor: Actor, row: Any) -> list[ButtonLink]:
    url = faces.edit_url(actor, row)
    return [ButtonLink(_("Edit"), url)] if url else []


def _ends(actor: Actor, row: Any) -> dict[str, bool]:
    """Whether the actor may change the record while an approval of it is on its way."""
    return {"ends_approval": bool(_edit(actor, row)) and approvals.ended_by_change(row.record)}


def _history(actor: Actor, record: Record, entries: Sequence[Entry]) -> dict[str, Any]:
    lines = tuple(history_lines(actor, record, entries))
    return {"history": lines, "last_word": last_word(record, lines)}


def _paper_urls(actor: Actor, row: Any) -> dict[str, str]:
    """Where the actor adds files, fills templates, prints and signs, or takes the closed case along; else nothing."""
    ways = {
        "upload_url": ("record-upload", documents.may_attach(actor, row)),
        "fill_url": ("fill-record", actor.is_signed_in and access.can_view(actor, row.record, "public")),
        "sign_url": ("signatures", may_print(actor, row)),
        "archive_url": ("archive", may_archive(actor, row)),
    }
    return {key: reverse(name, args=[row.record.code]) if may else "" for key, (name, may) in ways.items()}


def _list_crumb(kind: registry.Kind) -> tuple[tuple[Text, str], ...]:
    return ((capfirst(str(kind.plural)), reverse(kind.list_page)),) if kind.list_page else ()


def record_trail(record: Record, *more: tuple[Text, str] | Text) -> tuple[Crumb, ...]:
    """The way to a page about a record: the list of its kind, the record's own page, and what follows."""
    return trail((_("Home"), "/"), *_list_crumb(registry.kind_of(record)), (record.code, faces.url_of(record)), *more)


def open_move(actor: Actor, row: Any, move: Move) -> OpenMove:
    """A move as the page offers it to an actor."""
    record = row.record
    return OpenMove(
        name=move.name,
        label=move.label,
        url=reverse("record-move", args=[record.code, move.name]),
        expected_stage=record.stage,
        primary=move.primary,
        danger=move.danger,
        note=move.note,
        reasons=move.reasons_for(row, actor),
        hint=move.hint,
    )


def _steps(kind: registry.Kind, record: Record, entries: Sequence[Entry]) -> tuple[StageStep, ...]:
    """The life line: the regular stages in order; one that left the path stands last instead of what was to come."""
    reached = {entry.data["to"]: entry.at for entry in entries if "to" in entry.data}
    reached |= {entry.data["stage"]: entry.at for entry in entries if "stage" in entry.data}
    path = [stage for stage in kind.lifecycle.stages.values() if stage.phase not in OFF_THE_PATH]
    here = kind.lifecycle.stages[record.stage]
    off = here.phase in OFF_THE_PATH
    if off:
        path = [stage for stage in path if stage.name in reached] + [here]
    at = path.index(here)
    order = list(Phase)
    steps = []
    for place, stage in enumerate(path):
        state: StageState = "now" if place == at else "done" if place < at else "todo"
        when = reached.get(stage.name)
        if state == "done" and when is None:
            continue  # skipped, for example by an import that began later
        if state == "todo" and stage.aside:
            continue  # off the straight way
        if state == "todo" and order.index(Phase(stage.phase)) < order.index(Phase(here.phase)):
            continue  # a way back, such as a return for correction, is nothing that is still to come
        steps.append(StageStep(stage.label, state, when if state != "todo" else None))
    return tuple(steps)


def clock_lines(actor: Actor, record: Record) -> list[ClockLine]:
    """The record's running clocks, named after whom they wait for, as far as the reader may know of them."""
    if not is_named(Clock, "record", record.pk):
        return []
    hidden = registry.hidden_parties(actor, [record])[record.pk]

    def who(clock: Clock) -> str:
        if clock.party_id in hidden:
            return _("the other side")
        waited = clock.party or clock.person
        return name_of(waited.record) if waited else _("the bureau")

    rows, dated = list(registry.clocks_shown(actor, record)), registry.kind_of(record).dated
    return [
        clock_line(
            f"{dated[clock.name]} · {who(clock)}"
            if clock.name in dated
            else _("Answer of %(who)s") % {"who": who(clock)},
            clock,
            left,
        )
        for clock, left in zip(rows, clocks.remaining_on(rows), strict=True)
    ]


def _approval(actor: Actor, record: Record) -> Approval | None:
    """The newest approval of a step of the record that the reader may know of."""
    if not is_named(Approval, "about", record.pk):
        return None
    rows = access.visible_to(actor, Approval.objects.filter(about=record).select_related("record"))
    return rows.order_by("-pk").first()


def _approvals_due(record: Record, moves: Sequence[Move]) -> list[ButtonLink]:
    """Where the actor asks for approval of the steps that go by a route, while none of the same is on its way."""
    running = (
        set(Approval.objects.filter(about=record, record__stage=approvals.RUNNING).values_list("move", flat=True))
        if moves
        else set()
    )
    return [
        ButtonLink(
            _("Ask for approval: %(move)s") % {"move": move.label},
            reverse("approval-new", args=[record.code, move.name]),
            primary=move.primary,
        )
        for move in moves
        if move.name not in running
    ]


def _notices(actor: Actor, record: Record) -> list[LinkLine]:
    """The notices held about the record, newest first."""
    if not is_named(Notice, "about", record.pk):
        return []
    rows = access.visible_to(actor, Notice.objects.filter(about=record).select_related("record"))
    return [
        LinkLine(
            role=registry.kind_of(one.record).lifecycle.stages[one.record.stage].label,
            code=one.record.code,
            title=name_of(one.record),
            url=faces.url_of(one.record),
            kind_label=_("objections until %(day)s") % {"day": day(one.objections_until)}
            if one.objections_until
            else "",
        )
        for one in rows.order_by("-pk")[:LONGEST_LINKS]
    ]


def _filed(actor: Actor, row: Any) -> dict[str, Any]:
    """The filings of a record, newest first, and where the actor files one that stays inside; nothing for a kind that
    is not filed."""
    record, kind = row.record, registry.kind_of(row.record)
    if kind.filing is None:
        return {}
    rows = access.visible_to(actor, Filing.objects.filter(about=record).select_related("record")).order_by("-pk")
    lines = [
        LinkLine(
            role=registry.kind_of(one.record).lifecycle.stages[one.record.stage].label,
            code=one.record.code,
            title=name_of(one.record),
            url=faces.url_of(one.record),
            kind_label=day(one.record.opened_on),
        )
        for one in (rows[:LONGEST_LINKS] if is_named(Filing, "about", record.pk) else ())
    ]
    may = kind.lifecycle.inner and registry.may_file(actor, row)
    return {"filed": lines, "file_url": reverse("filing-new", args=[record.code]) if may else ""}


def _notices_due(actor: Actor, kind: registry.Kind, row: Any) -> list[ButtonLink]:
    """Where the actor prepares the notices that rule values ask for before moves from the present stage."""
    return [
        ButtonLink(
            _("Prepare the notice before: %(move)s") % {"move": move.label},
            reverse("notice-new", args=[row.record.code, move.name]),
        )
        for move in kind.lifecycle.moves.values()
        if move.notice is not None
        and row.record.stage in move.source
        and any(notices.may_hold(actor, row, audience) for audience in NoticeAudience.values)
        and notices.required_days(row, move.name) is not None
    ]


def _rules_used(actor: Actor, record: Record) -> list[Fact]:
    """The versions of rule values that the case was decided by, for readers of its public part."""
    if not access.can_view(actor, record, "public") or not is_named(RuleUse, "record", record.pk):
        return []
    uses = RuleUse.objects.filter(record=record).select_related("rule_value").order_by("pk")
    return [
        Fact(
            rule_name(use.rule_value.code),
            _("%(value)s, version of %(day)s")
            % {"value": value_in_words(use.rule_value), "day": day(use.rule_value.effective_from)},
            reverse("rule", args=[use.rule_value.code]),
        )
        for use in uses
    ]


def _documents(actor: Actor, row: Any) -> list[DocumentLine]:
    if not is_named(Document, "record", row.record.pk):
        return []
    seen, mine = access.groups_seen(actor, row.record), documents.may_attach(actor, row)
    rows = documents.documents_of(row.record, seen).select_related("uploaded_by__record")
    return [
        document_line(
            one,
            reverse("document", args=[one.pk]),
            who=one.uploaded_by.record.title if one.uploaded_by and "full" in seen else "",
            withdraw_url=reverse("document-withdraw", args=[one.pk]) if mine and documents.is_attachment(one) else "",
        )
        for one in map(documents.unsealed, rows)
    ]


def document_line(document: Document, url: str, *, who: str = "", withdraw_url: str = "") -> DocumentLine:
    """A file as a page lists it, opened at this address."""
    return DocumentLine(
        name=document.name,
        url=url,
        size=document.size,
        kind=type_label(document.media_type),
        on=document.uploaded_at.astimezone(SHANGHAI).date(),
        who=who,
        withdraw_url=withdraw_url,
    )


def _links(actor: Actor, record: Record) -> list[LinkLine]:
    roles = {"introduces": _("introduction"), "team-result": _("result of the team")}
    ways: tuple[tuple[Literal["to", "from"], str, str], ...] = (
        ("to", "source", "target"),
        ("from", "target", "source"),
    )
    rows: list[tuple[Literal["to", "from"], str, Record]] = []
    for direction, near, far in ways:
        if not is_named(Link, near, record.pk):
            continue
        visible = access.visible_to(actor, Record.objects.all()).values("pk")
        found = Link.objects.filter(**{near: record, f"{far}__in": visible}).select_related(far).order_by("pk")
        rows += [(direction, row.role, getattr(row, far)) for row in found[:LONGEST_LINKS]]
    titles = faces.titles(actor, [other for _direction, _role, other in rows])
    return [
        LinkLine(
            role=roles.get(role, role),
            code=other.code,
            title=titles[other.pk] or other.code,
            url=faces.url_of(other),
            kind_label=registry.kind_of(other).label,
            direction=direction,
        )
        for direction, role, other in rows
    ]


def _panels(actor: Actor, kind: registry.Kind, row: Any) -> list[registry.Panel]:
    return [panel for maker in kind.panels if (panel := maker(actor, row)) is not None]
