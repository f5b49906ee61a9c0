"""What people do with organisations: register, correct, claim, join; and how accounts are opened."""

from datetime import date

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kezhuan.areas.people.checks import (
    ABROAD,
    check_organisation_number,
    check_origin,
    check_size,
    email_problems,
    normal_number,
    number_scheme,
    password_problems,
)
from kezhuan.areas.people.lifecycle import ORGANISATION, PERSON, end_today, note_membership
from kezhuan.areas.people.permissions import gives_roles, may_admit, may_edit, may_rename, may_renumber
from kezhuan.areas.people.queries import CLAIMS, leading_in
from kezhuan.kernel import access, journal, registry, tokens
from kezhuan.kernel.access import WRITERS, Actor
from kezhuan.kernel.backfill import Backfill
from kezhuan.kernel.checks import require, require_fits
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import open_record, touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Clock, Identifier, Link, Membership, Organisation, Person, Record, User
from kezhuan.kernel.models.parties import MADE_BY_THE_PROGRAM, OrganisationKind, Role
from kezhuan.kernel.text import clean, today

SYSTEM = access.SYSTEM


def register_organisation(
    *,
    actor: Actor,
    name: str,
    kind: str,
    number: str = "",
    number_scheme: str = "uscc",
    override_note: str = "",
    name_en: str = "",
    summary: str = "",
    region: str = "",
    country: str = "CN",
    chain_leader: bool = False,
    size: str = "",
    stage: str | None = None,
    why: Backfill | None = None,
) -> Organisation:
    """Register an organisation; a signed-in person who does so becomes its first administrator, pending verification.

    `number` is the 统一社会信用代码 (scheme uscc), or a registry number (scheme `registry:<country>`) for bodies of
    Hong Kong, Macao and abroad, which an officer verifies by document. Only an officer may accept a failed check digit,
    with a note. Raises `Refused`, or `Conflict` when the number is taken.
    """
    problems = []
    if not clean(name):
        problems.append(Problem("name-missing", _("Enter the organisation's full name."), "name"))
    if kind not in OrganisationKind.values:
        problems.append(Problem("kind-unknown", _("Choose the kind of organisation."), "kind"))
    problems += check_size(kind, size)
    problems += check_origin(kind, country, number_scheme if normal_number(number) or kind in ABROAD else "")
    if not normal_number(number) and actor is not SYSTEM and not actor.is_officer:
        problems.append(Problem("number-missing", _("Enter the number of the licence or of the registry."), "number"))
    if stage is not None and actor is not SYSTEM and not actor.is_officer:
        raise NotAllowed(_("Only an officer enters a record at a later stage."))
    overridden = actor.is_officer and bool(clean(override_note))
    normal, found = check_organisation_number(number, number_scheme, any_digit=overridden)
    if problems or found:
        raise Refused([*problems, *found])
    with journal.writing():
        organisation: Organisation = open_record(
            ORGANISATION,
            lambda record: Organisation(
                record=record, kind=kind, region=region, country=country, chain_leader=chain_leader, size=size
            ),
            actor=actor,
            title=name,
            title_en=name_en,
            summary=summary,
            stage=stage,
            why=why,
        )
        if normal:
            _give_number(organisation, number_scheme, normal, override_note)
        # An organisation owns its own record, so that its administrators may act for it.
        Record.objects.filter(pk=organisation.pk).update(owner=organisation)
        organisation.record.owner = organisation
        if actor.person is not None and not actor.is_officer:
            # Whoever registers it is its first administrator; an officer verifies it.
            add_member(actor=SYSTEM, organisation=organisation, person=actor.person, role=Role.ADMINISTRATOR)
    return organisation


def _give_number(organisation: Organisation, scheme: str, number: str, note: str) -> None:
    """The database decides who was first: two who register one number at once both find it free beforehand."""
    identifier = Identifier(record=organisation.record, scheme=scheme, value=number, note=clean(note))
    refuse_marked(identifier)
    try:
        with transaction.atomic():
            identifier.save(force_insert=True)
    except IntegrityError:
        raise Conflict(already_registered(number)) from None


def already_registered(number: str) -> str:
    """The sentence for whoever comes second with a number."""
    sentence = _("The number %(number)s is known here already: enter it at “Your organisation” and ask for it.")
    return sentence % {"number": number}


def edit_organisation(
    *,
    actor: Actor,
    organisation: Organisation,
    summary: str,
    name: str | None = None,
    name_en: str | None = None,
    region: str | None = None,
    size: str | None = None,
    number: str | None = None,
    override_note: str = "",
    expected_version: int,
) -> Organisation:
    """Correct an organisation's summary and, when they are given, its size, its names and district (see `may_rename`)
    and its number (see `may_renumber`).

    Raises `NotAllowed`, `Refused`, or `Conflict` when the number is taken or somebody else changed it meanwhile.
    """
    record = organisation.record
    if not may_edit.test(actor, organisation):
        raise NotAllowed(_("Only the organisation's administrators and the officers in charge correct its entries."))
    name = record.title if name is None else clean(name)
    name_en = record.title_en if name_en is None else clean(name_en)
    region = organisation.region if region is None else region
    size = organisation.size if size is None else size
    renamed = (name, name_en, region) != (record.title, record.title_en, organisation.region)
    if renamed and not may_rename.test(actor, organisation):
        raise NotAllowed(_("Names and district of an organisation in the public list are corrected by an officer."))
    if number is not None and not may_renumber.test(actor, organisation):
        raise NotAllowed(_("Only an officer corrects the number."))
    scheme = number_scheme(organisation)
    overridden = actor.is_officer and bool(clean(override_note))
    normal, problems = check_organisation_number(number or "", scheme, any_digit=overridden)
    if not name:
        problems.insert(0, Problem("name-missing", _("Enter the organisation's full name."), "name"))
    held = Identifier.objects.filter(record=record, scheme=scheme, active=True)
    if number is not None and not normal and held.exists():
        problems.append(Problem("number-missing", _("Enter the number of the licence or of the registry."), "number"))
    problems += check_size(organisation.kind, size)
    if problems:
        raise Refused(problems)
    typed = {"title": name, "title_en": name_en, "summary": summary}
    with journal.writing():
        changed = [column for column, value in typed.items() if getattr(record, column) != clean(value)]
        own = {"region": region, "size": size}
        changed += [column for column, value in own.items() if getattr(organisation, column) != value]
        for column, value in typed.items():
            setattr(record, column, clean(value))
        organisation.region, organisation.size = region, size
        require_fits(record, organisation)
        record.save(update_fields=list(typed))
        organisation.save(update_fields=list(own))
        if normal and not held.filter(value=normal).exists():
            held.update(active=False)
            _give_number(organisation, scheme, normal, override_note)
            changed.append("number")
        touch(ORGANISATION, organisation, actor=actor, fields=changed, expected_version=expected_version)
        if "region" in changed:
            _renew_readers(organisation, actor)
    return organisation


def _renew_readers(organisation: Organisation, actor: Actor) -> None:
    """Other officers are in charge after a move: of the people, of what the organisation owns and what hangs on it."""
    around = {
        *Record.objects.filter(owner=organisation).values_list("pk", flat=True),
        *Link.objects.filter(target__owner=organisation).values_list("source_id", flat=True),
        *organisation.memberships.values_list("person_id", flat=True),
    } - {organisation.pk}
    records = Record.objects.filter(pk__in=around).order_by("pk")
    for record in records:
        registry.kind_of(record).lifecycle.refresh_audience(registry.row_of(record))
    # One entry for all, so that the index follows.
    uids = [str(record.uid) for record in records]
    if uids:
        journal.note("organisation.moved", actor=actor, data={"uids": uids})


def register_person(
    *, actor: Actor, name: str, name_en: str = "", post: str = "", email: str = "", phone: str = ""
) -> Person:
    """Make a person known, with or without an account."""
    require(
        clean(name),
        [lambda given: [] if given else [Problem("name-missing", _("Enter the person's name."), "name")]],
    )
    person: Person = open_record(
        PERSON,
        lambda record: Person(record=record, post=clean(post), email=email.strip(), phone=clean(phone)),
        actor=actor,
        title=name,
        title_en=name_en,
    )
    return person


def add_member(
    *,
    actor: Actor,
    organisation: Organisation,
    person: Person,
    role: str = Role.MEMBER,
    jurisdiction: str = "",
    since: date | None = None,
) -> Membership:
    """Let a person act for an organisation in a role, from a day on; doing it twice is doing it once.

    Its administrators and the officers in charge admit members; officers and auditors are made by the program
    alone (`create_officer`), in government departments. Raises `NotAllowed`.
    """
    if actor is not SYSTEM and (role in MADE_BY_THE_PROGRAM or not may_admit.test(actor, organisation)):
        raise NotAllowed(_("Only the organisation's administrators admit members."))
    return open_membership(
        actor=actor, organisation=organisation, person=person, role=role, jurisdiction=jurisdiction, since=since
    )


def open_membership(
    *,
    actor: Actor,
    organisation: Organisation,
    person: Person,
    role: str,
    jurisdiction: str = "",
    programme: str = "",
    department: str = "",
    since: date | None = None,
) -> Membership:
    """The same for whoever has been asked before, also with an officer's scope."""
    with journal.writing():
        # The database decides between two who admit the same person at once.
        membership, is_new = Membership.objects.get_or_create(
            person=person,
            organisation=organisation,
            role=role,
            programme=programme,
            jurisdiction=jurisdiction,
            department=department,
            until=None,
            defaults={"since": since or today()},
        )
        if is_new:
            if role == Role.ADMINISTRATOR:  # who answers others that ask to speak for it from now on
                asked = Clock.objects.filter(record=organisation.pk, grant__role=CLAIMS, ended_on=None)
                asked.update(party=organisation, audience=organisation.record.title_to_id)
            note_membership("member", membership, actor)
    return membership


def require_may_admit(actor: Actor, organisation: Organisation, person: Person | None) -> None:
    """An officer names the first administrator, no officer; from then on the administrators admit.

    Raises `NotAllowed` or `Refused`.
    """
    own = actor.organisation is not None and actor.organisation.pk == organisation.pk
    if not gives_roles.test(actor, organisation):
        raise NotAllowed(_("Only the organisation's administrators admit members."))
    if not own and person is not None and person.memberships.filter(role=Role.OFFICER, until=None).exists():
        raise Refused(
            Problem("officer-member", _("An officer does not act for an organisation they are in charge of."), "email")
        )


def require_may_end(actor: Actor, membership: Membership) -> None:
    """Everybody ends their own membership, administrators and the officers in charge anybody's; raises `NotAllowed`."""
    own = actor.person is not None and membership.person_id == actor.person.pk
    if not (own or may_admit.test(actor, membership.organisation)):
        raise NotAllowed(_("Only the organisation's administrators admit members."))


def end_membership(*, actor: Actor, membership: Membership) -> Membership:
    """End a membership today, somebody's or one's own; the last administrator of an organisation cannot be removed.

    Raises `NotAllowed` or `Refused`.
    """
    require_may_end(actor, membership)
    return close_membership(actor=actor, membership=membership)


def close_membership(*, actor: Actor, membership: Membership, goes_on: bool = False) -> Membership:
    """The same for whoever has been asked before. Raises `Refused` for the last administrator, unless another
    membership of the same role begins at once (`goes_on`)."""
    organisation = membership.organisation
    with journal.writing():
        # Two administrators who leave at the same moment: the second one waits here and is then the last.
        Record.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
        rows = Membership.objects.filter(organisation=organisation, until=None)
        held = rows.filter(pk=membership.pk).first()
        if held is None:
            return membership
        leading = leading_in([organisation.pk]).values_list("pk", flat=True)
        if set(leading) == {held.pk} and not goes_on:
            raise Refused(
                Problem(
                    "last-administrator",
                    _("The last administrator cannot be removed: name another one first."),
                    "role",
                )
            )
        if not goes_on and not rows.exclude(pk=held.pk).filter(person=held.person_id).exists():
            tokens.end_tokens(held.person, organisation, by=actor, because="membership")
        end_today(held, actor)
    return held


def sign_up(*, name: str, email: str, password: str, phone: str = "") -> User:
    """Open an account for a new person; raises `Refused` for a bad address, a weak password or a taken address.

    The address must have been proven, or be vouched for by whoever calls.
    """
    require_account(name=name, email=email, password=password)
    return open_account(name=name, email=email, password_hash=make_password(password), phone=phone)


def require_account(*, name: str, email: str, password: str) -> None:
    """Raise `Refused` for a missing name, a bad address or a weak password of an account to be."""
    problems = [*email_problems(email.strip().lower()), *password_problems(password)]
    if not clean(name):
        problems.insert(0, Problem("name-missing", _("Enter your name."), "name"))
    if problems:
        raise Refused(problems)


def open_account(*, name: str, email: str, password_hash: str, phone: str = "") -> User:
    """Open the account of a new person with a password that was hashed before; raises `Refused` for a taken address."""
    address = email.strip().lower()
    with journal.writing():
        person = register_person(actor=SYSTEM, name=name, email=address, phone=phone)
        user = User(email=address, person=person, password=password_hash)
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError:
            taken = _("There is an account with this mail address. Sign in instead.")
            raise Refused(Problem("email-taken", taken, "email")) from None
        journal.note("person.account", record=person.record, actor=Actor(person=person), data={"user": user.pk})
    return user


def create_officer(
    *,
    name: str,
    email: str,
    password: str,
    department: str,
    department_en: str = "",
    jurisdiction: str = "",
    programme: str = "",
    role: str = Role.OFFICER,
) -> User:
    """Make an officer's or auditor's account in a government department, which is made too when it is not there yet;
    an officer is in charge of one programme, or of all."""
    with journal.writing():
        user = sign_up(name=name, email=email, password=password)
        office = Organisation.objects.filter(
            kind=OrganisationKind.GOVERNMENT, record__title=clean(department)
        ).first() or register_organisation(
            actor=SYSTEM,
            name=department,
            name_en=department_en,
            kind=OrganisationKind.GOVERNMENT,
            region=jurisdiction or "440100",
            stage="verified",
        )
        open_membership(
            actor=SYSTEM,
            organisation=office,
            person=user.person,
            role=role,
            jurisdiction=jurisdiction,
            programme=programme,
        )
    return user


def require_member(actor: Actor) -> Organisation:
    """The organisation the actor may write for; raises `NotAllowed` for visitors, readers and who acts for none."""
    if not actor.is_signed_in:
        raise NotAllowed(_("Only members of an organisation may do this: sign in first."))
    if actor.organisation is None:
        raise NotAllowed(_("You act for no organisation yet: find yours by its code, or register it."))
    if not actor.roles & WRITERS:
        raise NotAllowed(_("Your role does not write here: ask your organisation's administrator for another one."))
    return actor.organisation
