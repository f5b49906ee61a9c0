"""Parties related to whoever posed a challenge: what a unit says of itself, what the data holds, and what a call makes
of it (`related_rule`)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import RelatedRule
from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.calls.sealing import revealed
from kezhuan.areas.reviews.models import FoundTie, TieKind
from kezhuan.engines.limits import claim_refusal
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Membership
from kezhuan.kernel.text import bracketed, listed, today

CAPITAL = (TieKind.SHAREHOLDER, TieKind.FUND)
"""Ties between two units that make them related; a contract or a project together does not."""


def found_ties(pairs: Iterable[tuple[int, int | None]]) -> dict[tuple[int, int], list[str]]:
    """What the data holds that makes the units of a pair related, in words: capital of the one in the other that
    somebody found who looked it up, and people who act for both. A constant number of queries."""
    asked = {(one, other) for one, other in pairs if other is not None and one != other}
    units = set(chain.from_iterable(asked))
    found: dict[tuple[int, int], list[str]] = {}
    if not asked:
        return found
    rows = FoundTie.objects.filter(Q(until=None) | Q(until__gte=today()), kind__in=CAPITAL, party__in=units)
    held: dict[frozenset[int], list[str]] = {}
    for one in rows.filter(other__in=units).select_related("look_up").order_by("pk"):
        said = bracketed(one.get_kind_display(), one.look_up.source)
        held.setdefault(frozenset((one.party_id, one.other_id)), []).append(said)
    acting: dict[int, set[int]] = {}
    members = Membership.objects.filter(organisation__in=units, until=None).values_list("organisation", "person")
    for unit, person in members:
        acting.setdefault(unit, set()).add(person)
    for pair in asked:
        words = list(held.get(frozenset(pair), ()))
        if acting.get(pair[0], set()) & acting.get(pair[1], set()):
            words.append(_("somebody acts for both"))
        if words:
            found[pair] = words
    return found


def ties_of(rows: Sequence[Application]) -> Mapping[int, list[str]]:
    """By the id of an application what makes its unit related to its poster: what it said, and what the data holds; a
    constant number of queries. Those that are sealed say nothing yet."""
    found = found_ties((one.applicant_id, one.item.poster_id) for one in rows)
    told = {}
    for one in rows:
        held = found.get((one.applicant_id, one.item.poster_id or 0), [])
        if words := [*([one.related] if one.related else []), *held]:
            told[one.pk] = words
    return told


def related_refused(item: CallItem, applicant: int, *, is_related: bool) -> Problem | None:
    """The sentence that refuses a party related to the poster, where the call's rule refuses it."""
    refuses = item.call.related_rule == RelatedRule.REFUSE
    related = {str(applicant)} if is_related and refuses else set()
    if item.poster_id is None or claim_refusal(str(item.poster_id), str(applicant), related) is None:
        return None
    message = _("A party related to whoever posed this challenge does not apply to it: the call refuses it.")
    return Problem("related-party-claims", message, "related")


def check_related(application: Application) -> Iterator[Problem]:
    """A unit says what makes it related to the poster; it is refused where the call refuses whoever is."""
    item = application.item
    if item.poster_id is None or item.poster_id == application.applicant_id:
        return
    said = revealed(application).related
    held = found_ties([(application.applicant_id, item.poster_id)]).get((application.applicant_id, item.poster_id), [])
    refused = related_refused(item, application.applicant_id, is_related=bool(said or held))
    if refused is not None:
        yield refused
    elif held and not said:
        message = _("Your unit and whoever posed this are related (%(ties)s): say what ties them.")
        yield Problem("related-unsaid", message % {"ties": listed(held)}, "related")
