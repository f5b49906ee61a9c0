"""What has changed in a call that is posted again."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kezhuan.areas.calls.awarding import notice_in_words, rule_in_words
from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.areas.calls.permissions import unclaimed_items
from kezhuan.areas.calls.wording import indicator_in_words, moment_in_words, period, question_in_words, steps_in_words
from kezhuan.kernel.text import listed, wan_from_fen
from kezhuan.web.names import name_of


def changes_since(before: Call, after: Call) -> list[tuple[str, str, str]]:
    """What reads otherwise than in the earlier call: what it is, what it said, and what it says; empty where it stood
    in one of them alone."""
    return [*_terms(before, after), *_items(before, after)]


def _terms(before: Call, after: Call) -> Iterator[tuple[str, str, str]]:
    told = [_told(one) for one in (before, after)]
    for label in dict.fromkeys((*told[0], *told[1])):
        old, new = (one.get(label, "") for one in told)
        if old != new:
            yield label, old, new


def _told(call: Call) -> dict[str, str]:
    return {
        _("Title"): call.record.title,
        _("What the call is about"): call.record.summary,
        _("Applications open at"): moment_in_words(call.opens_at),
        _("Applications close at"): moment_in_words(call.closes_at),
        _("Grace"): str(call.grace_minutes),
        _("Applications are sealed until they are opened"): _("yes") if call.seals else _("no"),
        _("Who reads the list"): call.get_disclosure_display(),
        _("Recommending units"): listed(
            name_of(one.record) for one in call.recommenders.select_related("record").order_by("pk")
        ),
        _("They recommend until"): moment_in_words(call.recommend_until),
        _("They may recommend without a scan of the letter"): _("yes") if call.letter_optional else _("no"),
        _("Who owns the results"): call.get_ip_terms_display(),
        _("Note on ownership"): call.ip_note,
        _("Applications of a unit at most"): str(call.most_per_unit or ""),
        _("Directions of this call funded at most"): str(call.most_directions or ""),
        _("Steps"): steps_in_words(call),
        _("An application of a party related to the poster"): call.get_related_rule_display(),
        _("Who is chosen"): rule_in_words(call),
        _("Notice before the decision"): notice_in_words(call),
        _("When projects are paid"): listed(Occasion(one).label for one in call.paid_on),
        _("Where the poster has not paid its own share, fiscal payments"): call.get_poster_pays_display(),
        _("What is chosen becomes a project"): _("yes") if call.begins_projects else _("no"),
        _("Who knows of whom while applications are judged"): call.get_review_scheme_display(),
        _("How experts are chosen"): call.get_review_choice_display(),
        _("Reviews for each application"): str(call.review_per_item or ""),
        **{one.get_kind_display(): period(one.begins_on, one.ends_on) for one in call.stages.all()},
        _("Criteria"): "\n".join(f"{one['name']} · {one['weight'] / 100:g} %" for one in call.criteria),
        _("Who may apply"): "\n".join(one["words"] for one in call.conditions),
        _("What an application says"): "\n".join(map(question_in_words, call.questions)),
    }


def _items(before: Call, after: Call) -> Iterator[tuple[str, str, str]]:
    items = unclaimed_items().filter(call=before.pk).order_by("number")  # what was decided on is not posted again
    old = {one.need_id or one.title: one for one in items}
    new = {one.need_id or one.title: one for one in after.items.all()}
    for need, item in old.items():
        said, says = _item(item), _item(new[need]) if need in new else ""
        if said != says:
            yield _("Item: %(title)s") % {"title": item.title}, said, says
    for need, item in new.items():
        if need not in old:
            yield _("Item: %(title)s") % {"title": item.title}, "", _item(item)


def _item(item: CallItem) -> str:
    lines = [item.title, item.problem, *map(indicator_in_words, item.indicators)]
    if item.fiscal_fen is not None:
        lines.append(f"{_('Fiscal money at most (万元)')}: {wan_from_fen(item.fiscal_fen)}")
    if item.months is not None:
        lines.append(f"{_('Months at most')}: {item.months}")
    return "\n".join([*lines, f"{_('Chosen at most')}: {item.winners}"])
