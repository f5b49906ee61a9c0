"""An organisation is claimed by somebody, verified by an officer, and then speaks for itself; people simply are."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.people.checks import (
    check_document_of_foreign_body,
    check_leaves_none_unled,
    check_left_all_posts,
    check_number_given,
)
from kezhuan.areas.people.permissions import administers, is_program
from kezhuan.kernel import approvals, clocks, holdings, journal, tokens
from kezhuan.kernel.access import (
    OFFICER,
    PUBLIC,
    Actor,
    Audiences,
    is_officer,
    memberships_of,
    officer_tokens,
    organisation_token,
    person_token,
)
from kezhuan.kernel.checks import require
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Membership, Organisation, Person, PostHolder, Record, User
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import today


def organisation_audience(organisation: Organisation) -> Audiences:
    """Verified and listed organisations are public; a registered one its members' and the officers' until then."""
    own = {organisation_token(organisation.pk)}
    inside = own | officer_tokens(organisation.region, organisation.record.kind)
    match organisation.record.phase:
        case Phase.VOID:
            return Audiences.nested(inner={OFFICER})
        case Phase.SUBMITTED | Phase.DRAFT:
            return Audiences.nested(full=inside, inner=own)
        case _:
            return Audiences.nested(title={PUBLIC}, public={PUBLIC}, full=inside, inner=own)


def person_audience(person: Person) -> Audiences:
    """People are seen by those they work with, by the officers in charge of where they work, and by themselves."""
    own = {person_token(person.pk)}
    rows = memberships_of(person).values_list("organisation_id", "organisation__region")
    colleagues = {organisation_token(pk) for pk, _region in rows}
    officers = officer_tokens("", person.programme).union(*(officer_tokens(one, person.programme) for _pk, one in rows))
    return Audiences.nested(public=colleagues, full=own | officers, inner=own)


ORGANISATION = Lifecycle(
    "organisation",
    "O",
    stages=(
        Stage("unverified", Phase.SUBMITTED, _("waiting for verification")),
        Stage("returned", Phase.DRAFT, _("returned for correction")),
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
            checks=(check_number_given, check_document_of_foreign_body),
            note="optional",
            primary=True,
        ),
        Move(
            "vouch",
            _("Verified by the sign-in of its legal person"),
            source=frozenset({"unverified", "returned", "listed"}),
            target="verified",
            allowed=is_program,
        ),
        Move(
            "return",
            _("Return for correction"),
            source=frozenset({"unverified"}),
            target="returned",
            allowed=is_officer,
            note="required",
        ),
        Move(
            "resubmit",
            _("Submit again"),
            source=frozenset({"returned"}),
            target="unverified",
            allowed=administers,
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
            source=frozenset({"unverified", "returned", "listed"}),
            target="void",
            allowed=is_officer,
            note="required",
            danger=True,
        ),
    ),
    audience=organisation_audience,
    then=(clocks.restart(returned={"returned"}),),
)


def _end_sign_in(person: Person, _actor: Actor) -> None:
    User.objects.filter(person=person).update(is_active=False)


def _leave(person: Person, actor: Actor) -> None:
    """Whoever is closed acts for nobody and signs nothing any more: memberships and posts end, each with its entry."""
    held = Membership.objects.filter(person=person, until=None)
    # Two administrators who are closed at the same moment: the second one waits here and is then the last.
    list(Record.objects.select_for_update(of=("self",)).filter(pk__in=held.values("organisation")).order_by("pk"))
    require(person, [check_leaves_none_unled])
    approvals.take_posts(PostHolder.objects.filter(person=person), actor)
    for one in held.select_related("person__record", "organisation__record").order_by("pk"):
        end_today(one, actor)


def end_today(membership: Membership, actor: Actor) -> None:
    """End a membership, from this moment on; who may, and whether somebody still leads, was asked before."""
    # Until yesterday: from this moment on it gives nothing.
    membership.until = today() - timedelta(days=1)
    membership.save(update_fields=["until"])
    note_membership("member-left", membership, actor)


def note_membership(name: str, membership: Membership, actor: Actor) -> None:
    """Colleagues see each other: who sees the person changes with the membership, and the index learns both."""
    PERSON.refresh_audience(membership.person)
    tell_of_membership(name, membership, actor)


def tell_of_membership(name: str, membership: Membership, actor: Actor) -> None:
    """The entries of a membership that begins, changes or ends: one for each side."""
    person, organisation = membership.person.record, membership.organisation.record
    scope = {name: getattr(membership, name) for name in ("jurisdiction", "programme")}
    role = {"role": str(membership.role)} | {name: value for name, value in scope.items() if value}
    # By name: after the end the organisation does not see the person any more, and yet has to know who it was.
    data, texts = role | {"member": str(person.uid)}, {"whom": person.title}
    journal.note(f"organisation.{name}", record=organisation, actor=actor, data=data, texts=texts)
    data = role | {"organisation": str(organisation.uid)}
    journal.note(f"person.{name}", record=person, actor=actor, data=data)


PERSON = Lifecycle(
    "person",
    "P",
    stages=(
        Stage("active", Phase.ACTIVE, _("active")),
        Stage("closed", Phase.DONE, _("closed")),
        Stage("anonymised", Phase.DONE, _("anonymised")),
    ),
    moves=(
        Move(
            "close",
            _("Close"),
            source=frozenset({"active"}),
            target="closed",
            allowed=is_officer,
            checks=(check_leaves_none_unled,),
            then=(tokens.end_with_account, _end_sign_in, _leave),
            note="required",
            hint=_("Memberships and posts end with it; open work is handed over before."),
            danger=True,
        ),
        Move(
            "anonymise",
            _("Make anonymous"),
            source=frozenset({"active", "closed"}),
            target="anonymised",
            allowed=is_officer,
            checks=(check_left_all_posts,),
            then=(tokens.end_with_account, holdings.forget),
            note="required",
            hint=_("Name, addresses and account are erased for ever; what was done, and every count, stays."),
            danger=True,
        ),
    ),
    audience=person_audience,
)
