"""A need is written by a firm, published by an officer, and closed when someone takes it up."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.needs.checks import (
    check_background_length,
    check_budget_given,
    check_deadline_ahead,
    check_indicators,
    check_not_self_solvable,
    check_poster_registered,
    check_term,
    check_title_length,
    check_wording,
    term_rule,
)
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import clocks, rulebook
from kezhuan.kernel.access import (
    PUBLIC,
    Actor,
    Audiences,
    is_officer,
    officer_tokens,
    organisation_token,
    region_of,
    represents_owner,
)
from kezhuan.kernel.grants import granted_tokens
from kezhuan.kernel.leaving import leaving
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.vocabulary import Confidentiality

INTRODUCED = "introduced"
"""Grant role: the other side of an introduction, or a broker whom the firm lets, reads the public part."""


def need_audience(row: Need) -> Audiences:
    """Who sees a need, by stage and confidentiality.

    A draft is its firm's, and a discarded one nobody's. Of a title-only need everybody sees the title and not who
    poses it; a closed-door one is in no list but its firm's and the officers'. Whoever is introduced reads the public
    part.
    """
    record = row.record
    own = {organisation_token(record.owner_id)} if record.owner_id else set()
    officers = officer_tokens(region_of(row), record.kind)
    inside = own | officers
    introduced = granted_tokens(record, INTRODUCED)
    if record.stage == DISCARDED:
        return Audiences.nested()
    if record.phase == Phase.VOID:
        return Audiences.nested(full=inside, inner=own or officers)
    if record.phase == Phase.DRAFT:
        return Audiences.nested(inner=own)
    shown = record.phase in {Phase.PUBLIC, Phase.DONE}
    if not shown or row.confidentiality == Confidentiality.CLOSED_DOOR:
        return Audiences.nested(public=inside | introduced, full=inside, inner=own or officers)
    if row.confidentiality == Confidentiality.TITLE_ONLY:
        return Audiences.nested(title={PUBLIC}, public=inside | introduced, full=inside, inner=own or officers)
    return Audiences.nested(title={PUBLIC}, public={PUBLIC}, full=inside, inner=own or officers)


def stamp_term(row: Need, actor: Actor) -> None:
    """Note on a submitted need which version of the longest term it was checked against."""
    rule = term_rule(row)
    if rule is not None:
        rulebook.stamp([(row.record, rule)])


NEED = Lifecycle(
    "need",
    "N",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("returned", Phase.DRAFT, _("returned for correction"), sealed=True),
        Stage("submitted", Phase.SUBMITTED, _("submitted")),
        Stage("published", Phase.PUBLIC, _("published")),
        Stage("closed", Phase.DONE, _("closed")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage("void", Phase.VOID, _("void")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "submit",
            _("Submit"),
            source=frozenset({"draft", "returned"}),
            target="submitted",
            allowed=represents_owner,
            checks=(
                check_title_length,
                check_wording,
                check_background_length,
                check_deadline_ahead,
                check_term,
                check_indicators,
                check_budget_given,
                check_not_self_solvable,
            ),
            then=(stamp_term,),
            primary=True,
        ),
        discarding(represents_owner, "returned"),
        Move(
            "return",
            _("Return for correction"),
            source=frozenset({"submitted"}),
            target="returned",
            allowed=is_officer,
            note="required",
        ),
        Move(
            "publish",
            _("Publish"),
            source=frozenset({"submitted"}),
            target="published",
            allowed=is_officer & ~represents_owner,
            checks=(check_poster_registered,),
            note="optional",
            primary=True,
        ),
        Move(
            "close",
            _("Close"),
            source=frozenset({"published"}),
            target="closed",
            allowed=represents_owner | is_officer,
            note="required",
        ),
        *leaving("submitted", "published", voided="published"),
    ),
    audience=need_audience,
    then=(clocks.restart(returned={"returned"}),),
)
