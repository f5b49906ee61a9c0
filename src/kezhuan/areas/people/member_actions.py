"""How people come to act for an organisation and change what they do there: invited, accepted, given another role."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from kezhuan.areas.people.actions import (
    add_member,
    close_membership,
    require_may_admit,
)
from kezhuan.areas.people.checks import email_problems
from kezhuan.areas.people.models import Invitation
from kezhuan.areas.people.permissions import gives_roles, may_admit
from kezhuan.areas.people.queries import open_invitations
from kezhuan.kernel import journal, limits, outbox
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.limits import Rate
from kezhuan.kernel.models import Membership, Organisation, Person, Record, User
from kezhuan.kernel.models.parties import MADE_BY_THE_PROGRAM, Role
from kezhuan.kernel.models.records import new_uid
from kezhuan.kernel.text import clean, listed, now, today

GOOD_FOR = timedelta(days=14)
INVITES = Rate(50, 60 * 60)
"""Invitations from one person."""
_BETWEEN = re.compile(r"[\s,;，；、]+")
_SALT = "kezhuan.people.invitation"
ROLES = tuple(role for role in Role if role not in MADE_BY_THE_PROGRAM)
"""What one can be invited as; officers are made by `create_officer`, and by their office's administrators."""


def invite_member(*, actor: Actor, organisation: Organisation, email: str, role: str) -> Invitation:
    """Ask somebody by mail to act for an organisation; asking again sends a new link and changes the role.

    Raises `NotAllowed`, or `Refused` for a bad address, an unknown role, or a colleague.
    """
    address = email.strip().lower()
    known = User.objects.filter(email=address).select_related("person").first()
    require_may_admit(actor, organisation, known.person if known else None)
    problems = email_problems(address)
    if role not in ROLES:
        problems.append(Problem("role-unknown", _("Choose the role."), "role"))
    if known and Membership.objects.filter(person=known.person, organisation=organisation, until=None).exists():
        sentence = _("They act for the organisation already: change their role in the list of members.")
        problems.append(Problem("member-known", sentence, "email"))
    if problems:
        raise Refused(problems)
    if limits.spend(f"invite:{actor.person.pk if actor.person else 0}", INVITES):
        raise Refused(Problem("attempts-many", _("Too many invitations at once. Go on in an hour."), "email"))
    with journal.writing():
        # Two who invite the same person at once: one of them renews what the other made.
        Record.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
        values = {"role": role, "by": actor.person, "made_at": now(), "until": today() + GOOD_FOR}
        invitation, _made = Invitation.objects.update_or_create(
            organisation=organisation, email=address, ended_at=None, defaults=values
        )
        _write(invitation, actor)
        journal.note(
            "organisation.invite",
            record=organisation.record,
            actor=actor,
            data={"invitation": invitation.pk, "role": str(role)},
            texts={"email": address},
        )
    return invitation


@dataclass(frozen=True)
class Line:
    """A line of a list of people to invite, as it was typed; `wrong` says why nobody was invited by it."""

    text: str
    wrong: str = ""


def invite_several(*, actor: Actor, organisation: Organisation, text: str, role: str) -> list[Line]:
    """Invite everybody on a list, one on a line: a mail address, before it what is left out (a name), behind it the
    role, without one the given `role`. Returns the lines in order; good ones are done, each by itself.

    Raises `NotAllowed`, or `Refused` for a list that is too long.
    """
    require_may_admit(actor, organisation, None)
    typed = [line for line in text.splitlines() if clean(line)]
    if len(typed) > INVITES.most:
        sentence = _("At most %(most)s people are invited at once; invite the others in an hour.")
        raise Refused(Problem("invitations-many", sentence % {"most": INVITES.most}, "lines"))
    done, sent = [], dict[str, str]()
    for line in typed:
        try:
            email, said = _read_line(line)
            if email in sent and said in {"", sent[email]}:
                continue
            if email in sent:
                sentence = _("A line above invites this address with another role. Send this one to change it.")
                raise Refused(Problem("email-twice", sentence, "lines"))
            invite_member(actor=actor, organisation=organisation, email=email, role=said or role)
            sent[email] = said or role
            done.append(Line(line))
        except (Refused, NotAllowed) as refusal:
            problems = refusal.problems if isinstance(refusal, Refused) else ()
            done.append(Line(line, " ".join(str(one.message) for one in problems) or str(refusal)))
    return done


def _read_line(line: str) -> tuple[str, str]:
    """The address of a line and the role behind it; raises `Refused` for words that are none."""
    words = [clean(one) for one in _BETWEEN.split(line) if clean(one)]
    place = next((place for place, word in enumerate(words) if "@" in word), None)
    if place is None:
        raise Refused(Problem("email-missing", _("There is no mail address on this line."), "lines"))
    said = " ".join(words[place + 1 :]).casefold()
    if said and said not in _role_words():
        sentence = _("“%(word)s” is no role: write %(roles)s, or nothing.")
        names = {"word": said[:30], "roles": listed(f"“{role.label}”" for role in ROLES)}
        raise Refused(Problem("role-unknown", sentence % names, "lines"))
    return words[place].strip("<>").lower(), _role_words().get(said, "")


def _role_words() -> dict[str, str]:
    """Every word for a role, in both languages and as it is named in code."""
    found = {role.value: role.value for role in ROLES}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            found |= {str(role.label).casefold(): role.value for role in ROLES}
    return found


def invitations_by(person: Person, organisation: Organisation) -> QuerySet[Invitation]:
    """The open invitations that somebody sent for an organisation."""
    return open_invitations().filter(by=person, organisation=organisation).order_by("pk")


def invitation_token(invitation: Invitation) -> str:
    """What stands in the link: whoever has it reads the invited person's mail."""
    return signing.dumps([invitation.pk, invitation.made_at.timestamp()], salt=_SALT)


def invitation_of(token: str) -> Invitation:
    """The open invitation of a link; raises `NotAllowed` when it was answered, withdrawn, renewed or is too old."""
    try:
        number, made_at = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        number, made_at = 0, 0
    rows = open_invitations().select_related("organisation__record", "by__record")
    invitation = rows.filter(pk=number).first()
    if invitation is None or invitation.made_at.timestamp() != made_at:
        raise NotAllowed(_("This invitation was answered, withdrawn, or is too old. Ask for a new one."))
    return invitation


def _write(invitation: Invitation, actor: Actor) -> None:
    words = {
        "who": actor.name,
        "organisation": invitation.organisation.record.title,
        "role": invitation.get_role_display(),
        "link": f"{settings.SITE_URL}/invitations/{invitation_token(invitation)}/",
        "day": invitation.until.isoformat(),
    }
    text = _(
        "%(who)s invites you to act for %(organisation)s on Kezhuan as %(role)s. To accept, open this address by"
        " %(day)s:\n\n%(link)s\n\nIf you do not know of this, do nothing."
    )
    subject = _("Invitation to act for %(organisation)s") % words
    outbox.send(channel="mail", to=invitation.email, subject=subject, text=text % words, key=f"invitation:{new_uid()}")


def accept_invitation(*, actor: Actor, invitation: Invitation) -> Membership:
    """Act for the organisation from now on.

    Raises `NotAllowed` for anybody but the invited account, and when whoever invited may not admit any more, `Conflict`
    when it was answered before.
    """
    user = User.objects.filter(person=actor.person).first() if actor.person is not None else None
    if user is None or user.email != invitation.email:
        raise NotAllowed(_("This invitation is for another mail address. Sign in with the account it was sent to."))
    with journal.writing():
        Record.objects.select_for_update(of=("self",)).get(pk=invitation.organisation_id)
        inviting, organisation = _inviting(invitation), invitation.organisation
        require_may_admit(inviting, organisation, user.person)
        _end(invitation, actor, accepted=True)
        return add_member(
            actor=inviting, organisation=invitation.organisation, person=user.person, role=invitation.role
        )


def _inviting(invitation: Invitation) -> Actor:
    """Whoever invited, with what they may do now: for the organisation itself, or as the officer they are."""
    own = actor_for(invitation.by, invitation.organisation_id)
    if may_admit.test(own, invitation.organisation):
        return own
    offices = (actor_for(invitation.by, office.pk) for office in own.choices)
    return next((one for one in offices if may_admit.test(one, invitation.organisation)), own)


def _end(invitation: Invitation, actor: Actor, *, accepted: bool) -> None:
    rows = open_invitations().filter(pk=invitation.pk)
    if not rows.update(ended_at=now(), accepted_by=actor.person if accepted else None):
        raise Conflict(_("This invitation was answered before."))


def end_invitation(*, actor: Actor, invitation: Invitation) -> None:
    """Withdraw an invitation, or decline one's own. Raises `NotAllowed`, or `Conflict` when it was answered before."""
    user = User.objects.filter(person=actor.person).first() if actor.person is not None else None
    own = user is not None and user.email == invitation.email
    if not own and not may_admit.test(actor, invitation.organisation):
        raise NotAllowed(_("Only the organisation's administrators admit members."))
    with journal.writing():
        _end(invitation, actor, accepted=False)
        journal.note(
            "organisation.invite-declined" if own else "organisation.invite-withdrawn",
            record=invitation.organisation.record,
            actor=actor,
            data={"invitation": invitation.pk},
        )


def set_role(*, actor: Actor, membership: Membership, role: str) -> Membership:
    """Give a member another role; the last administrator keeps theirs. Raises `NotAllowed` or `Refused`."""
    organisation = membership.organisation
    if not gives_roles.test(actor, organisation) or membership.role in MADE_BY_THE_PROGRAM:
        raise NotAllowed(_("Only the organisation's administrators admit members."))
    if role not in ROLES:
        raise Refused(Problem("role-unknown", _("Choose the role."), "role"))
    if membership.role == role:
        return membership
    with journal.writing(), transaction.atomic():
        close_membership(actor=actor, membership=membership)
        return add_member(actor=actor, organisation=organisation, person=membership.person, role=role)
