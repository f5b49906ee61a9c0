"""The page of weights: by how much each part of a score counts, what the city's decisions taught, and the switch."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kezhuan.areas.matches.learning_actions import switch_weighting
from kezhuan.areas.matches.meanings import MEANINGS, Meaning
from kezhuan.areas.matches.models import Reason, Weighting
from kezhuan.areas.matches.permissions import reads_figures, weighs
from kezhuan.areas.matches.wording import part_label
from kezhuan.engines.matching import FROZEN, SHIPPED, Config, Factors
from kezhuan.engines.matching.parts import NAMES, most_missed, weighed
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.text import listed
from kezhuan.web import exports
from kezhuan.web.components import Cell, Column, TableView, Tag
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day, moment

SHOWN = 20
"""Versions on the page, the newest."""


@takes_a_list
def weights_page(request: Request) -> HttpResponse:
    """Weights in force beside the shipped ones, the versions learnt, and what each reason of a refusal means."""
    if not reads_figures.test(request.actor, None):
        raise NotAllowed(_("How suggestions are weighed is told to officers and auditors."))
    rows = list(Weighting.objects.select_related("switched_by__record").order_by("-pk")[:SHOWN])
    in_force = next((row for row in rows if row.in_force), None) or Weighting.objects.filter(in_force=True).first()
    title = _("Weights of the parts")
    versions = _versions(rows)
    if exports.asks_for_file(request):
        return exports.shown_file(request, versions, name="weights", title=title)
    return page(
        request,
        "matches/weights.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (_("Match a need"), reverse("match")), title),
        in_force=in_force,
        weights=_weights(SHIPPED if in_force is None else in_force.factors),
        versions=versions if rows else None,
        endings=tuple(exports.MEDIA) if rows else (),
        switches=[(row, not row.in_force) for row in rows if row.in_force or row.is_better]
        if weighs.test(request.actor, None)
        else [],
        meanings=_meanings(),
    )


@require_POST
def switch_page(request: Request, number: int) -> HttpResponse:
    """Put a version in force, or go back to the shipped weights."""
    if not weighs.test(request.actor, None):
        raise NotAllowed(_("Only the city's officers switch a weighting on or off."))
    row = Weighting.objects.filter(pk=number).first()
    on = {"1": True, "0": False}.get(request.POST.get("on", ""))
    if row is None or on is None:
        raise Missing(str(number))
    switched = switch_weighting(actor=request.actor, weighting=row, on=on)
    said = (
        _("Version %(number)s is in force. All needs are being matched anew.")
        if switched.in_force
        else _("Version %(number)s is off; the shipped weights count. All needs are being matched anew.")
    )
    messages.success(request, said % {"number": number})
    return redirect("weightings")


def _weights(factors: Factors) -> TableView:
    columns = (
        Column(_("Part")),
        Column(_("Case")),
        Column(_("Shipped"), numeric=True),
        Column(_("In force"), numeric=True),
        Column(_("Factor"), numeric=True),
    )
    now = weighed(FROZEN, factors)
    lines = []
    for name in NAMES:
        fact, _sep, side = name.partition("_")
        when = {"match": _("agrees"), "miss": _("misses, at most")}.get(side, _("near in meaning, at most"))
        factor = f"× {factors.get(name, 1.0):.2f}"
        lines.append((part_label(fact), when, _weight(FROZEN, name), _weight(now, name), factor))
    return TableView(columns, tuple(lines))


def _weight(config: Config, name: str) -> str:
    """A weight as a share of the words of a pair: +10 %, −24 %."""
    if name == "meaning":
        return f"+{config.meaning_share:.1%}"
    if name.endswith("_miss"):
        return f"−{most_missed(config)[name]:.1%}"
    return f"+{getattr(config, name):.1%}"


def _versions(rows: list[Weighting]) -> TableView:
    columns = (
        Column(_("Version")),
        Column(_("State")),
        Column(_("Learnt")),
        Column(_("Decisions"), numeric=True),
        Column(_("Span of the decisions")),
        Column(_("Judged by needs"), numeric=True),
        Column(_("Precision at 10"), numeric=True),
        Column(_("Gain"), numeric=True),
        Column(_("Interval (99 %)"), numeric=True),
        Column(_("Against")),
        Column(_("Switched")),
    )
    return TableView(columns, tuple(_line(row) for row in rows))


def _line(row: Weighting) -> tuple[Cell | str, ...]:
    told = row.trained_on
    span = _("%(first)s to %(last)s") % {"first": _on(told["first"]), "last": _on(told["parted"])}
    than = _("version %(number)s") % {"number": told["than"]} if told["than"] else _("the shipped weights")
    switched = "" if row.switched_at is None else moment(row.switched_at)
    if row.switched_by is not None:
        switched = f"{switched} · {row.switched_by.record.title}"
    return (
        str(row.pk),
        Cell("", tag=_state(row)),
        day(row.made_at),
        f"{told['earlier']:,}",
        span,
        f"{row.judged:,}",
        f"{row.before:.3f} → {row.after:.3f}",
        f"{row.after - row.before:+.3f}",
        f"{row.low:+.3f} … {row.high:+.3f}",
        than,
        switched,
    )


def _state(row: Weighting) -> Tag:
    if row.in_force:
        return Tag(_("in force"), "ok")
    if row.is_better:
        return Tag(_("switched off"), "neutral")
    return Tag(_("not shown to be better"), "wait")


def _on(iso: str) -> str:
    return str(day(date.fromisoformat(iso)))


def _meanings() -> TableView:
    columns = (
        Column(_("Reason")),
        Column(_("For the pair")),
        Column(_("For the ranking")),
        Column(_("For the other side's record")),
    )
    meanings = ((reason, MEANINGS[reason]) for reason in Reason)
    return TableView(
        columns,
        tuple(
            (capfirst(str(reason.label)), _for_pair(one), _for_ranking(one), _for_record(one))
            for reason, one in meanings
        ),
    )


def _for_pair(meaning: Meaning) -> str:
    if meaning.between:
        return _("Once one of the two says it, no pair of the two organisations is suggested any more.")
    if meaning.facts:
        facts = listed(part_label(one) for one in meaning.facts)
        return _("Not suggested until it changes: %(facts)s.") % {"facts": facts}
    if meaning.room:
        return _("Not suggested until the record takes more needs by its own word than it had room for then.")
    if meaning.text:
        return _("Not suggested until what was missing is added.")
    return _("Never suggested again.")


def _for_ranking(meaning: Meaning) -> str:
    return _("Its parts should have scored lower.") if meaning.teaches else _("Says nothing of the parts.")


def _for_record(meaning: Meaning) -> str:
    if meaning.text:
        return _(
            "On its improvement list stands how many organisations missed what, until it is added. It is about the text"
            " of the record, and says nothing of what the own side asks or offers."
        )
    if meaning.facts:
        return _("On its improvement list, with what the other side says of it.")
    return _("On its improvement list.")
