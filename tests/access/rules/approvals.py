"""Approvals, their routes and the posts that sign."""

from typing import Any

from kezhuan.areas.approvals.permissions import (
    changes_route,
    fills_posts,
    looks_after,
    may_add_signer,
    may_sign,
    sees_routes,
    sets_routes,
    signs_now,
)
from kezhuan.areas.approvals.queries import routes_seen_by, signers_to_come
from kezhuan.areas.approvals.step_actions import may_record
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.approvals import running_approval
from tests.access.rules.records import takes
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, Allows, Rule, both, in_full, sees


def asks(actor: Actor, step: Any) -> bool:
    """Who may take the move; to whoever does not see the record its code is an unknown one (422)."""
    return actor.is_signed_in and (not sees(actor, step[0]) or takes(actor, step))


def on_step(predicate: Any) -> Allows:
    """Who sees the approval of a step and is allowed there."""
    return lambda actor, step: sees(actor, step.approval) and bool(predicate(actor, step))


def gives_post(actor: Actor, post: Any) -> bool:
    """Who says who holds a post, and nobody to themselves."""
    to = post.holders.get().person_id
    itself = actor.person is not None and actor.person.pk == to
    return bool(fills_posts.test(actor, post.organisation)) and not itself


def recuses(actor: Actor, approval: Any) -> bool:
    """Who looks after an approval, and whoever is to sign it themselves."""
    people = signers_to_come(approval)
    return looks_after.test(actor, approval) or any(
        actor.person is not None and one.pk == actor.person.pk for one in people
    )


def asks_anew(actor: Actor, step: Any) -> bool:
    """Who takes a move that goes by a route, where no approval of it is on its way."""
    row, move = step
    return takes(actor, step) and running_approval(row.record, move.name) is None


def takes_over(actor: Actor, approval: Any) -> bool:
    """Who looks after an approval and may take its move themselves."""
    about = approval.about
    move = registry.kind_of(about).lifecycle.moves[approval.move]
    return looks_after.test(actor, approval) and bool(move.allowed.test(actor, registry.row_of(about)))


def sees_route(actor: Actor, route: Any) -> bool:
    """Whom a route concerns."""
    return sees_routes(actor) and routes_seen_by(actor).filter(pk=route.pk).exists()


def sets_anew(actor: Actor, route: Any) -> bool:
    """Whom a route concerns and who sets it."""
    return sees_route(actor, route) and changes_route(actor, route)


PAGES = {
    "approvals": EVERYBODY,
    "decisions": SIGNED_IN,
    "approval": Rule(sees, "approvals"),
    "approval-sign": Rule(lambda actor, step: sees(actor, step.approval) and may_sign(actor, step), "steps"),
    "approval-return": Rule(both(signs_now.test), "approvals"),
    "approval-new": Rule(asks_anew, "routed"),
    "approval-paper": Rule(on_step(lambda actor, step: looks_after.test(actor, step.approval)), "steps"),
    "approval-decision": Rule(on_step(may_record), "steps"),
    "approval-sheet": Rule(sees, "approvals"),
    "approval-add-signer": Rule(both(may_add_signer), "approvals"),
    "approval-recuse": Rule(both(recuses), "approvals"),
    "approval-take-over": Rule(both(takes_over), "approvals", by="post"),
    "routes": Rule(lambda actor, _: sees_routes(actor)),
    "route-new": Rule(lambda actor, _: sets_routes(actor)),
    "route": Rule(sees_route, "routes"),
    "route-edit": Rule(sets_anew, "routes"),
    "route-end": Rule(sets_anew, "routes"),
    "posts": Rule(both(fills_posts.test), "organisations"),
    "post-give": Rule(gives_post, "posts", by="post",
                      form=lambda post: {"person": post.holders.get().person_id}),
    "post-close": Rule(lambda actor, post: fills_posts.test(actor, post.organisation), "posts"),
    "post-take": Rule(lambda actor, held: fills_posts.test(actor, held.post.organisation), "holders", by="post"),
}  # fmt: skip

OPERATIONS = {
    "approvals-steps": Rule(both(in_full), "approvals"),
    "approvals-sign": Rule(
        on_step(lambda actor, step: in_full(actor, step.approval) and may_sign(actor, step)), "steps",
        by="post",
    ),
    "approvals-return": Rule(
        both(in_full, signs_now.test), "approvals", by="post",
        form={"opinion": "请补充"},
    ),
    "approvals-paper": Rule(
        on_step(lambda actor, step: in_full(actor, step.approval) and looks_after.test(actor, step.approval)),
        "steps", by="post", file=True, form={"signer": "P-1", "signed_on": "2026-11-25", "declared_open": "true"},
    ),
    "approvals-decision": Rule(
        on_step(lambda actor, step: in_full(actor, step.approval) and may_record(actor, step)),
        "steps", by="post", file=True,
        form={"meeting": "局长办公会", "held_on": "2026-11-25", "attended": ["李四"], "minutes_no": "12"},
    ),
    "approvals-signers": Rule(both(in_full), "approvals"),
    "approvals-add-signer": Rule(
        both(in_full, may_add_signer), "approvals", by="post",
        form={"post": 10**6},
    ),
    "approvals-recuse": Rule(
        both(in_full, recuses), "approvals", by="post",
        form={"person": "P-1", "reason": "亲属"},
    ),
    "approvals-take-over": Rule(
        both(in_full, takes_over), "approvals", by="post"
    ),
    "approvals-create": Rule(
        asks, "asked", by="post", form=lambda step: {"record": step[0].record.code, "move": step[1].name}
    ),
}  # fmt: skip
