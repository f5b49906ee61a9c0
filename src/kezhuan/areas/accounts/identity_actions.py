"""How somebody whom an identity provider vouches for comes to an account here, and to their unit."""

from dataclasses import replace

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.accounts import letters
from kezhuan.areas.accounts.claims import Asserted
from kezhuan.areas.accounts.factor_actions import own_account
from kezhuan.areas.accounts.models import Identity
from kezhuan.areas.accounts.providers import Provider
from kezhuan.areas.accounts.queries import open_accounts
from kezhuan.areas.people.actions import SYSTEM, add_member, open_account, register_organisation
from kezhuan.areas.people.checks import check_organisation_number, kind_from_name
from kezhuan.areas.people.lifecycle import ORGANISATION
from kezhuan.areas.people.queries import organisation_of_code
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, Missing, Problem, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Membership, Organisation, Record, User
from kezhuan.kernel.models.parties import OrganisationKind, Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now


def account_for(provider: Provider, person: Asserted) -> tuple[User | None, bool]:
    """The account that is this person, and whether it is tied to them already: known by the provider's own name for
    them, else by an address or number that both sides have proven. Never by an unproven claim.

    Raises `Refused` when the account is closed.
    """
    known = Identity.objects.filter(provider=provider.slug, subject=person.subject).first()
    if known is not None:
        user = open_accounts().filter(pk=known.user_id).first()
        if user is None:
            raise Refused(Problem("account-closed", _("This account is closed. Ask an officer.")))
        Identity.objects.filter(pk=known.pk).update(used_at=now())
        return user, True
    proven = Q(email=person.email) if person.email else Q(mobile=person.mobile)
    return (open_accounts().filter(proven).first() if person.email or person.mobile else None), False


def tie(*, user: User, provider: Provider, person: Asserted, actor: Actor) -> None:
    """Let the provider's sign-in of this person lead to this account; the holder is told.

    Raises `Conflict` when it leads to another account already.
    """
    with journal.writing():
        identity = Identity(user=user, provider=provider.slug, subject=person.subject, made_at=now(), used_at=now())
        try:
            with transaction.atomic():
                identity.save(force_insert=True)
        except IntegrityError:
            held = Identity.objects.get(provider=provider.slug, subject=person.subject)
            if held.user_id == user.pk:
                return
            raise Conflict(_("This sign-in leads to another account already.")) from None
        _take_mobile(user, person)
        journal.note(
            "account.identity-tied",
            record=user.person.record,
            actor=actor,
            data={"user": user.pk, "provider": provider.slug},
        )
        letters.tell_change(user, "identity-tied")


def _take_mobile(user: User, person: Asserted) -> None:
    """A number that the provider has proven becomes the account's, when neither has one."""
    if person.mobile and user.mobile is None and not User.objects.filter(mobile=person.mobile).exists():
        user.mobile = person.mobile
        user.save(update_fields=["mobile"])


def open_account_for(*, provider: Provider, person: Asserted, name: str, email: str) -> User:
    """Open an account without a password for somebody new whom the provider vouches for, at a proven address.

    Raises `Refused` when the provider opens no accounts, for a missing name or a taken address.
    """
    if not provider.opens_accounts:
        raise Refused(closed_to_new(provider))
    if not name.strip():
        raise Refused(Problem("name-missing", _("Enter your name."), "name"))
    with journal.writing():
        user = open_account(name=name, email=email, password_hash=make_password(None))
        tie(user=user, provider=provider, person=person, actor=Actor(person=user.person))
    return user


def closed_to_new(provider: Provider) -> Problem:
    """The sentence for somebody whom the provider knows and this site does not."""
    sentence = _("%(provider)s opens no accounts here. Sign in with the account you have, or ask to be invited.")
    return Problem("provider-closed", sentence % {"provider": provider.name})


def untie(*, actor: Actor, number: int) -> None:
    """Let a provider's sign-in lead to one's account no more. Raises `Missing`."""
    user = own_account(actor)
    with journal.writing():
        held = Identity.objects.filter(user=user, pk=number).first()
        if held is None:
            raise Missing
        held.delete()
        data = {"user": user.pk, "provider": held.provider}
        journal.note("account.identity-untied", record=user.person.record, actor=actor, data=data)


def join_unit(*, user: User, provider: Provider, person: Asserted) -> Organisation | None:
    """Let somebody act for the unit that the provider asserts; returns the unit when they do.

    A verified legal person's sign-in (法人) needs no officer: its unit is registered when it is not known, verified
    when it was not, and the holder its administrator at once. Other people join a verified unit in the provider's
    `unit_role`, once: whoever was a member before and left is not made one again. Raises `Refused` for a legal person
    without a sound 统一社会信用代码, or whose unit was dissolved or declared void.
    """
    code = person.unit or provider.unit
    if person.legal_person:
        return _join_as_legal_person(user, provider, person)
    unit = _unit_of(code)
    if unit is None or not provider.unit_role or unit.record.phase != Phase.ACTIVE:
        return None
    if Membership.objects.filter(person=user.person, organisation=unit).exists():
        return unit
    add_member(actor=SYSTEM, organisation=unit, person=user.person, role=provider.unit_role)
    return unit


def _unit_of(code: str) -> Organisation | None:
    normal, problems = check_organisation_number(code, "uscc")
    if not normal or problems:
        return None
    return organisation_of_code(normal)


def _join_as_legal_person(user: User, provider: Provider, person: Asserted) -> Organisation:
    normal, problems = check_organisation_number(person.unit, "uscc")
    if not normal or problems:
        raise Refused([replace(one, field="") for one in problems] or [_no_code(provider)])
    if Membership.objects.filter(person=user.person, role=Role.OFFICER, until=None).exists():
        sentence = _("An officer does not act for an organisation they are in charge of.")
        raise Refused(Problem("officer-member", sentence))
    with journal.writing():
        unit = _unit_of(normal) or _registered(normal, person)
        # Two who come at once: the second one finds it verified.
        Record.objects.select_for_update(of=("self",)).get(pk=unit.pk)
        unit = Organisation.objects.select_related("record").get(pk=unit.pk)
        if unit.record.phase in {Phase.VOID, Phase.DONE}:
            raise Refused(Problem("organisation-over", _("This organisation was dissolved or declared void.")))
        if unit.record.phase != Phase.ACTIVE:
            advance(ORGANISATION, unit, "vouch", actor=SYSTEM)
        add_member(actor=SYSTEM, organisation=unit, person=user.person, role=Role.ADMINISTRATOR)
        journal.note(
            "organisation.legal-person",
            record=unit.record,
            actor=Actor(person=user.person),
            data={"provider": provider.slug, "person": str(user.person.record.uid)},
        )
    return unit


def _registered(code: str, person: Asserted) -> Organisation:
    """The unit of a code that nobody has registered: its kind is told by its name, an enterprise when it tells none."""
    return register_organisation(
        actor=SYSTEM,
        name=person.unit_name or code,
        kind=kind_from_name(person.unit_name, OrganisationKind.ENTERPRISE),
        number=code,
        stage="verified",
    )


def _no_code(provider: Provider) -> Problem:
    sentence = _("%(provider)s names no unified social credit code for your organisation.")
    return Problem("unit-missing", sentence % {"provider": provider.name})
