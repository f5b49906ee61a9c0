"""Organisations, their members and posts in them, people, tokens and deputies."""

from typing import Any

from kezhuan.areas.people.handover_actions import require_may_hand_over
from kezhuan.areas.people.permissions import directs, gives_roles, may_admit, may_claim, may_edit, may_rename
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.errors import NotAllowed
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, Allows, Rule, both, in_full, own, sees, signed_in


def acts_for_somebody(actor: Actor, _subject: Any) -> bool:
    """Who acts for an organisation."""
    return actor.organisation is not None


def on_member(predicate: Any) -> Allows:
    """Who sees the organisation of a membership and is allowed there."""
    return lambda actor, held: sees(actor, held.organisation) and bool(predicate(actor, held))


def hands_over(actor: Actor, held: Any) -> bool:
    """Whoever leaves, and the organisation's administrators."""
    try:
        require_may_hand_over(actor, held)
    except NotAllowed:
        return False
    return True


def reads_handover(actor: Actor, subject: Any) -> bool:
    """The organisation's own people, and whoever did it."""
    row, entry = subject
    did = actor.person is not None and entry.actor_id == actor.person.pk
    return sees(actor, row) and (did or can_view(actor, row.record, "inner"))


def ends_membership(actor: Actor, held: Any) -> bool:
    """Whose it is, and who admits members."""
    return own(actor, held) or bool(may_admit.test(actor, held.organisation))


def of_deputyship(actor: Actor, deputy: Any) -> bool:
    """Whoever is represented, and whoever represents."""
    return actor.person is not None and actor.person.pk in {deputy.represented_id, deputy.person_id}


PAGES = {
    **dict.fromkeys(("organisations",), EVERYBODY),
    "organisation": Rule(sees, "organisations"),
    "organisation-records": Rule(sees, "organisations"),
    "organisation-new": SIGNED_IN,
    "organisation-edit": Rule(both(may_edit), "organisations"),
    "claim-by-code": SIGNED_IN,
    "claim-new": Rule(both(may_claim), "organisations", by="post", form={"note": "我在此任职"}),
    "claim-answer": Rule(lambda actor, row: sees(actor, row) and may_admit.test(actor, row), "claims", by="post"),
    "members": Rule(in_full, "organisations"),
    "member-new": Rule(both(gives_roles.test), "organisations"),
    "members-new": Rule(both(gives_roles.test), "organisations"),
    "member-role": Rule(on_member(lambda actor, held: gives_roles.test(actor, held.organisation)), "members", by="post",
                        form={"role": "member"}),
    "member-end": Rule(on_member(ends_membership), "members"),
    "handover": Rule(on_member(hands_over), "members"),
    "handed-over": Rule(reads_handover, "handovers"),
    "member-scope": Rule(on_member(lambda actor, held: directs(actor, held.organisation)), "officers"),
    "duties": Rule(both(directs), "organisations"),
    "duty-end": Rule(both(directs), "duties", by="post"),
    "invitation-withdraw": Rule(both(may_admit), "invitations"),
    "person": Rule(sees, "people"),
    "tokens": SIGNED_IN,
    "token-new": Rule(acts_for_somebody),
    "token-end": Rule(own, "tokens", by="post"),
    "deputies": SIGNED_IN,
    "deputy-end": Rule(of_deputyship, "deputyships"),
}  # fmt: skip

OPERATIONS = {
    "organisations-create": Rule(signed_in, by="post", form={"title": "新单位", "organisation_kind": "enterprise"}),
    "organisations-change": Rule(
        both(may_edit, may_rename), "organisation", by="put", form={"title": "改名", "version": 1}
    ),
}  # fmt: skip
