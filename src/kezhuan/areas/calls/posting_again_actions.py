"""What nobody claimed (流榜), a whole list or items of one that is decided, is posted again: a new draft in its terms,
which tells what has changed since."""

from dataclasses import fields

from django.utils.translation import gettext as _

from kezhuan.areas.calls.actions import prepare_call, put_on_list
from kezhuan.areas.calls.awarding import OF_RULE
from kezhuan.areas.calls.facts import CallFacts, Condition
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.permissions import makes_calls, posts_again, unclaimed_items
from kezhuan.areas.calls.place_actions import Place, put_place
from kezhuan.areas.calls.queries import listable_needs
from kezhuan.areas.calls.questions import question_of
from kezhuan.areas.calls.staging import facts_of_stages
from kezhuan.areas.calls.units import codes_of
from kezhuan.areas.reviews.panel_actions import CriterionFacts
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.lifecycle import held


def post_again(*, actor: Actor, call: Call) -> Call:
    """Begin a call in the terms and with the items of one that nobody claimed: without its dates, with the words that
    its needs have now; a need that is no longer published stays away. Where the rest of its list was decided on the
    money is entered anew, since that is spent. A call is posted again once.

    Raises `NotAllowed`, or `Conflict` when somebody has done it.
    """
    if not posts_again.test(actor, call):
        raise NotAllowed(why_not_again(actor, call))
    with journal.writing():
        row: Call = held(call)
        if Call.objects.filter(earlier=row).exists():
            raise Conflict(_("Somebody has posted this call again."))
        made = prepare_call(actor=actor, facts=_facts_of(row))
        made.earlier = row
        made.save(update_fields=["earlier"])
        items = list(unclaimed_items().filter(call=row.pk).order_by("number"))
        needs = listable_needs(actor).in_bulk([item.need_id for item in items if item.need_id is not None])
        for item in items:
            if item.need_id is None:
                place = Place(item.title, item.problem, item.field, item.fiscal_fen, item.months, item.winners)
                put_place(actor=actor, call=made, place=place)
            elif (need := needs.get(item.need_id)) is not None:
                put_on_list(
                    actor=actor, call=made, need=need, fiscal_fen=item.fiscal_fen, months=item.months,
                    winners=item.winners,
                )  # fmt: skip
    return Call.objects.select_related("record").get(pk=made.pk)


def why_not_again(actor: Actor, call: Call) -> str:
    """Why somebody cannot post a call again, in a sentence."""
    if makes_calls(actor) and is_officer.test(actor, call):
        if call.record.stage == "decided":
            return _("Every item of this list was applied for: nothing is left to be posted again.")
        return _("A call is posted again once nobody applied to it, or once it is decided and items of it are left.")
    return _("The officers in charge post again what nobody claimed.")


def _facts_of(row: Call) -> CallFacts:
    """The terms of a call, without its dates."""
    same = {one.name for one in fields(CallFacts)} - {
        "title", "title_en", "about", "opens_at", "closes_at", "conditions", "questions", "criteria", "stages",
        "recommenders", "recommend_until", "invited",
    }  # fmt: skip
    return CallFacts(
        title=row.record.title,
        title_en=row.record.title_en,
        about=row.record.summary,
        conditions=tuple(Condition(**one) for one in row.conditions),
        questions=tuple(question_of(one) for one in row.questions),
        criteria=tuple(CriterionFacts(**one) for one in row.criteria),
        stages=facts_of_stages(row, with_days=False),
        recommenders=codes_of(row.recommenders.all()),
        invited=codes_of(row.invited.all()),
        **{name: getattr(row, name) for name in same}
        | ({"budget_fen": None} if row.record.stage == "decided" else {})
        | {name: None for name, rule in OF_RULE.items() if row.award_rule != rule},
    )
