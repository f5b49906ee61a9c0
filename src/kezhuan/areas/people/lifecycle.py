"""An organisation is claimed by somebody, verified by an officer, and then speaks for itself; people simply are."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.people.checks import check_document_of_foreign_body
from kezhuan.kernel import clocks
from kezhuan.kernel.access import (
    MEMBER,
    OFFICER,
    PUBLIC,
    Audiences,
    is_officer,
    memberships_of,
    officer_tokens,
    organisation_token,
    person_token,
)
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.models.records import Phase


def organisation_audience(organisation: Organisation) -> Audiences:
    """Verified and listed organisations are public; a claimed one is its members' and the officers' until verified."""
    own = {organisation_token(organisation.pk)}
    inside = own | officer_tokens(organisation.region)
    match organisation.record.phase:
        case Phase.VOID:
            return Audiences.nested(inner={OFFICER})
        case Phase.SUBMITTED:
            return Audiences.nested(full=inside, inner=own)
        case _:
            return Audiences.nested(title={PUBLIC}, public={PUBLIC}, full=inside, inner=own)


def person_audience(person: Person) -> Audiences:
    """People are seen by those they work with, by officers and by themselves; signed-in users see the name."""
    own = {person_token(person.pk)}
    organisations = memberships_of(person).values_list("organisation_id", flat=True)
    colleagues = {organisation_token(pk) for pk in organisations}
    return Audiences.nested(title={MEMBER}, public=colleagues | {OFFICER}, full=own | {OFFICER}, inner=own)


ORGANISATION = Lifecycle(
    "organisation",
    "O",
    stages=(
        Stage("unverified", Phase.SUBMITTED, _("waiting for verification")),
        Stage("listed", Phase.PUBLIC, _("in the public list")),
        Stage("verified", Phase.ACTIVE, _("verified")),
        Stage("dissolved", Phase.DONE, _("dissolved")),
        Stage("void", Phase.VOID, _("void")),
    ),
    moves=(
        Move(
            "verify",
            _("Verify"),
            source=frozenset({"unverified", "listed"}),
            target="verified",
            allowed=is_officer,
            checks=(check_document_of_foreign_body,),
            note="optional",
            primary=True,
        ),
        Move(
            "dissolve",
            _("Record the dissolution"),
            source=frozenset({"listed", "verified"}),
            target="dissolved",
            allowed=is_officer,
            note="required",
            danger=True,
        ),
        Move(
            "void",
            _("Declare void"),
            source=frozenset({"unverified", "listed"}),
            target="void",
            allowed=is_officer,
            note="required",
            danger=True,
        ),
    ),
    audience=organisation_audience,
    then=(clocks.restart(),),
)

PERSON = Lifecycle(
    "person",
    "P",
    stages=(Stage("active", Phase.ACTIVE, _("active")), Stage("closed", Phase.DONE, _("closed"))),
    moves=(
        Move(
            "close",
            _("Close"),
            source=frozenset({"active"}),
            target="closed",
            allowed=is_officer,
            note="required",
            danger=True,
        ),
    ),
    audience=person_audience,
)
