"""What people do with the keys of their programs: make one, end one."""

from collections.abc import Collection
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from kezhuan.kernel import journal, tokens
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.models import Organisation, Person, Token
from kezhuan.kernel.scopes import EVERYTHING
from kezhuan.kernel.text import clean, now, today

MOST_TOKENS = 50
"""A person has no more valid tokens than this at a time: a list that nobody can oversee protects nobody."""
SHOWN_AGAIN = timedelta(minutes=10)
"""A form that is sent twice, as by pressing twice, shows the same token for so long."""


def last_expiry(on: date | None = None) -> date:
    """The last day that a token made on a day may be valid."""
    return (on or today()) + timedelta(days=settings.TOKEN_DAYS)


def require_organisation(actor: Actor) -> Organisation:
    """The organisation that a token of the actor would act for; raises `NotAllowed` for whoever acts for none."""
    if actor.represented is not None:
        raise NotAllowed(_("Tokens are made in one's own name: stop standing in first."))
    if actor.organisation is None:
        raise NotAllowed(_("Tokens act for an organisation: register yours, or ask its administrator to add you."))
    return actor.organisation


def make_token(
    *, actor: Actor, name: str, reads: Collection[str], writes: Collection[str], expires_on: date, seed: str
) -> tuple[Token, str]:
    """Make a token for the organisation the actor acts for; returns it with its secret, which is kept nowhere.

    `seed` comes from `tokens.new_seed` and makes the secret: a form sent twice makes one token. Raises
    `NotAllowed`, or `Refused` for a name, scope or day that cannot be.
    """
    organisation = require_organisation(actor)
    assert actor.person is not None
    secret = tokens.secret_of(seed)
    with journal.writing():
        # One after the other: a form sent twice at once, or many at once against the limit, are told apart here.
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.person.pk)
        held = Token.objects.filter(digest=tokens.digest_of(secret)).first()
        if held is not None:
            if held.person_id != actor.person.pk or now() - held.made_at > SHOWN_AGAIN:
                raise Refused(Problem("form-sent", _("This form was sent before. Load the page again.")))
            return held, secret
        row = Token(
            person=actor.person,
            organisation=organisation,
            name=clean(name),
            digest=tokens.digest_of(secret),
            reads=_ordered(reads),
            writes=_ordered(writes),
            made_at=now(),
            expires_on=expires_on,
        )
        problems = _problems(row)
        if problems:
            raise Refused(problems)
        require_fits(row)
        row.save(force_insert=True)
        journal.note(
            "token.made",
            record=actor.person.record,
            actor=actor,
            data={
                "token": row.pk,
                "reads": row.reads,
                "writes": row.writes,
                "expires_on": expires_on.isoformat(),
            },
            texts={"name": row.name},
        )
    return row, secret


def _ordered(names: Collection[str]) -> list[str]:
    """A scope as it is kept: all of them need no other beside."""
    return [EVERYTHING] if EVERYTHING in names else sorted(set(names))


def _problems(row: Token) -> list[Problem]:
    problems = []
    if not row.name:
        problems.append(Problem("name-missing", _("Say what the token is for."), "name"))
    if not row.reads and not row.writes:
        problems.append(Problem("scope-missing", _("Choose what the token may read or change."), "reads"))
    known = {EVERYTHING, *tokens.scopes()}
    problems += [
        Problem("scope-unknown", _("Choose from the list what the token may reach."), field)
        for field, names in (("reads", row.reads), ("writes", row.writes))
        if not known.issuperset(names)
    ]
    last = last_expiry()
    if not today() <= row.expires_on <= last:
        sentence = _("Choose a day from today until %(day)s.") % {"day": last.isoformat()}
        problems.append(Problem("expiry-range", sentence, "expires_on"))
    mine = Token.objects.filter(person=row.person, ended_at=None, expires_on__gte=today())
    if mine.count() >= MOST_TOKENS:
        sentence = _("You have %(count)s valid tokens. End those that are not needed first.") % {"count": MOST_TOKENS}
        problems.append(Problem("tokens-many", sentence))
    return problems


def end_token(*, actor: Actor, number: int) -> Token:
    """End one of one's own tokens at once; raises `Missing` for anybody else's."""
    row = Token.objects.filter(pk=number, person=actor.person).select_related("person__record").first()
    if row is None or actor.person is None:
        raise Missing(str(number))
    tokens.end_token(row, by=actor, because="asked")
    return row
