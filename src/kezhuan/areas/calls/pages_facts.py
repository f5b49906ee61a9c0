"""What the page of a call says of it, fact by fact."""

from django.utils.translation import gettext as _

from kezhuan.areas.calls.awarding import notice_in_words, rule_in_words
from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.wording import moment_in_words, period, steps_in_words
from kezhuan.kernel.text import listed
from kezhuan.web import faces
from kezhuan.web.components import Fact, Text
from kezhuan.web.names import name_of
from kezhuan.web.templatetags.kezhuan import day, wan


def facts_of_call(row: Call) -> list[Fact]:
    """Dates and terms of a call, as far as they say something."""
    facts = [
        Fact(_("Made by"), name_of(row.office.record), faces.url_of(row.office.record)),
        Fact(_("Applications open at"), moment_in_words(row.opens_at)),
        Fact(_("Applications close at"), moment_in_words(row.closes_at)),
        Fact(_("Grace"), _("%(minutes)s minutes") % {"minutes": row.grace_minutes} if row.grace_minutes else _("none")),
        Fact(_("Who owns the results"), row.get_ip_terms_display()),
        Fact(_("Note on ownership"), row.ip_note),
        Fact(_("Who reads the list"), row.get_disclosure_display()),
        Fact(_("Applications of a unit at most"), str(row.most_per_unit or "")),
        Fact(_("Directions of this call funded at most"), str(row.most_directions or "")),
        Fact(_("Steps"), steps_in_words(row)),
        *_related_facts(row),
        Fact(_("Who is chosen"), rule_in_words(row)),
        Fact(_("Notice before the decision"), notice_in_words(row)),
        *_recommending_facts(row),
        *_seal_facts(row),
        *_review_facts(row),
        *(Fact(one.get_kind_display(), period(one.begins_on, one.ends_on)) for one in row.stages.all()),
        *_project_facts(row),
    ]
    return [one for one in facts if one.value]


def _related_facts(row: Call) -> list[Fact]:
    """Where somebody posed what is on the list, what becomes of whoever is related to them."""
    if not row.items.filter(poster__isnull=False).exists():
        return []
    return [Fact(_("An application of a party related to the poster"), row.get_related_rule_display())]


def _review_facts(row: Call) -> list[Fact]:
    return [
        Fact(_("Who knows of whom while applications are judged"), row.get_review_scheme_display()),
        Fact(_("How experts are chosen"), row.get_review_choice_display()),
        Fact(_("Reviews for each application"), str(row.review_per_item or "")),
    ]


def _project_facts(row: Call) -> list[Fact]:
    if not row.begins_projects:
        return [Fact(_("After the decision"), _("it ends with its decision: no project follows"))]
    steps = {_("project library (项目库)"): row.keeps_library, _("budget document"): row.awaits_budget}
    return [
        Fact(_("Before a project begins"), listed(name for name, asked in steps.items() if asked)),
        Fact(_("When projects are paid"), listed(Occasion(one).label for one in row.paid_on)),
        Fact(_("Where the poster has not paid its own share, fiscal payments"), row.get_poster_pays_display()),
    ]


def _recommending_facts(row: Call) -> list[Fact]:
    if row.recommend_until is None:
        return [Fact(_("Recommending units"), _("not named yet"))] if row.asks_recommending else []
    units = [name_of(one.record) for one in row.recommenders.select_related("record").order_by("pk")]
    return [
        Fact(_("Recommending units"), listed(units)),
        Fact(_("They recommend until"), moment_in_words(row.recommend_until)),
        Fact(_("They may recommend without a scan of the letter"), _("yes") if row.letter_optional else _("no")),
    ]


def _seal_facts(row: Call) -> list[Fact]:
    if not row.seals:
        return []
    opened = moment_in_words(row.opened_at)
    words = _("sealed until the office opens them after the deadline")
    return [Fact(_("Applications"), _("opened at %(moment)s") % {"moment": opened} if opened else words)]


def public_facts(row: Call) -> list[tuple[Text, Text]]:
    """The public part as followers are told the changes of it: dates and terms, the list, and what was answered."""
    facts: list[tuple[Text, Text]] = [(one.label, one.value) for one in facts_of_call(row)]
    facts += [(f"{one.number} {one.title}", one.problem) for one in row.items.all()]
    return [*facts, *((one.words, one.answer) for one in row.asked.all() if one.answered_at is not None)]


def inside_facts(row: Call) -> list[Fact]:
    """What only the officers in charge read."""
    words = filter(None, (str(row.budget_year or ""), row.budget_subject, row.budget_document, wan(row.budget_fen)))
    minutes = f"{row.minutes_no} · {day(row.minutes_on)}" if row.minutes_no else ""
    invited = [name_of(one.record) for one in row.invited.select_related("record").order_by("pk")]
    facts = (
        Fact(_("Invited organisations"), listed(invited)),
        Fact(_("Budget line"), " · ".join(words)),
        Fact(_("Minutes of the demonstration"), minutes),
    )
    return [one for one in facts if one.value]
