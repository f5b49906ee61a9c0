"""Who gets an answer at each address of the pages: one line for each route, by the name it has in `urls.py`.

A new route needs a line here (`tests/architecture/test_routes.py` fails without): the predicate of `src` that decides,
and which samples of the town are tried (`town.py`). What is not allowed is answered by 403, 404 or the way to the
sign-in page; what is allowed by anything else, a refusal of what was typed included.
"""

# long: one line for each route of the site; apart they would not be seen to be complete

from collections.abc import Callable
from dataclasses import dataclass, field
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
from kezhuan.areas.calls.application_actions import WRITTEN_IN
from kezhuan.areas.calls.checks import own_challenge
from kezhuan.areas.calls.permissions import (
    answers_questions,
    asks_questions,
    makes_calls,
    may_apply,
    posts_again,
    proposes,
)
from kezhuan.areas.calls.queries import reads_list
from kezhuan.areas.contracts.actions import EDITED
from kezhuan.areas.contracts.permissions import keeps as keeps_contract
from kezhuan.areas.contracts.permissions import keeps_contracts
from kezhuan.areas.dossiers.permissions import keeps, sorts_kept_by
from kezhuan.areas.inspections.permissions import admits, may_prepare
from kezhuan.areas.matches.meeting_actions import PLANNED_IN
from kezhuan.areas.matches.missing import hears_what_was_missed
from kezhuan.areas.matches.permissions import decides, plans, reads_figures, weighs
from kezhuan.areas.notices.permissions import runs
from kezhuan.areas.people.handover_actions import require_may_hand_over
from kezhuan.areas.people.permissions import directs, gives_roles, may_admit, may_claim, may_edit, may_rename
from kezhuan.areas.projects.permissions import (
    asks_change,
    decides_race,
    is_asked_to_join,
    is_invited,
    opens,
    opens_races,
    reads_decisions,
    reports_milestone,
    signs_book,
    uses_first,
)
from kezhuan.areas.projects.permissions import decides as decides_project
from kezhuan.areas.reviews.choosing_actions import LIVE
from kezhuan.areas.reviews.desk import reads_items
from kezhuan.areas.reviews.models import Choice, Draw
from kezhuan.areas.reviews.permissions import is_themselves, keeps_pool, may_judge
from kezhuan.areas.reviews.permissions import runs as runs_panel
from kezhuan.areas.reviews.scoring_actions import scores_now
from kezhuan.exchange.papers.actions import may_manage, templates_for
from kezhuan.exchange.papers.archiving import may_archive
from kezhuan.exchange.papers.printing import may_print
from kezhuan.exchange.papers.signing import may_sign as may_sign_paper
from kezhuan.exchange.permissions import kinds_importable_by, may_see_import, may_undo_import
from kezhuan.kernel import notices, registry
from kezhuan.kernel.access import WRITERS, Actor, can_view, is_officer, represents_owner
from kezhuan.kernel.audit import may_audit
from kezhuan.kernel.documents import may_attach, may_withdraw
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models.notices import NoticeAudience
from kezhuan.kernel.outbox.webhooks import may_have_webhooks
from kezhuan.kernel.overseeing import may_see, oversees_jobs
from kezhuan.kernel.rulebook import may_change_rules

Allows = Callable[[Actor, Any], bool]


@dataclass(frozen=True)
class Rule:
    """`allows` says who gets an answer; `places` names the samples, without which the address takes no arguments.

    `by` is the method, `form` what is posted, if need be about the sample, with a `file` or without; a list is asked
    for its file beside. On the `way_in` everybody may be sent to the sign-in page.
    """

    allows: Allows
    places: str = ""
    by: str = "get"
    form: dict[str, Any] | Callable[[Any], dict[str, Any]] = field(default_factory=dict)
    way_in: bool = False
    file: bool = False

    def sends(self, subject: Any) -> dict[str, Any]:
        """What is posted about a sample."""
        return self.form(subject) if callable(self.form) else self.form


# -- who ---------------------------------------------------------------------------------------------------------------


def everybody(_actor: Actor, _subject: Any) -> bool:
    """Visitors too."""
    return True


def nobody(_actor: Actor, _subject: Any) -> bool:
    """Nobody without the secret of the link."""
    return False


def signed_in(actor: Actor, _subject: Any) -> bool:
    """Who has an account."""
    return actor.is_signed_in


def writes(actor: Actor, _subject: Any) -> bool:
    """Who writes for an organisation."""
    return actor.organisation is not None and bool(actor.roles & WRITERS)


def acts_for_somebody(actor: Actor, _subject: Any) -> bool:
    """Who acts for an organisation."""
    return actor.organisation is not None


def sees(actor: Actor, row: Any) -> bool:
    """Who may know of the record."""
    return can_view(actor, row.record)


def both(*allowed: Any) -> Allows:
    """Who sees the row and is allowed by every one of these predicates."""
    return lambda actor, row: sees(actor, row) and all(bool(one(actor, row)) for one in allowed)


def prepares_call(actor: Actor, row: Any) -> bool:
    """Who is in charge of a call before it is published."""
    return sees(actor, row) and row.record.stage == "draft" and bool(is_officer.test(actor, row))


def is_written(_actor: Actor, row: Any) -> bool:
    """Whether its unit still writes an application."""
    return row.record.stage in WRITTEN_IN


def applies_for_first(actor: Actor, row: Any) -> bool:
    """Who reads the list of a call, writes applications, and did not pose its first challenge."""
    first = row.items.first()
    own_one = actor.organisation is not None and own_challenge(first, actor.organisation.pk)
    return reads_list(actor, row) and may_apply(actor) and not own_one


def keeps_expert(actor: Actor, row: Any) -> bool:
    """Who is in charge of an expert, and is not the expert."""
    return bool(is_officer.test(actor, row)) and not is_themselves.test(actor, row)


def is_live(_actor: Actor, row: Any) -> bool:
    """Whether a panel's scores are not closed."""
    return row.record.stage in LIVE


def at_stage(stage: str) -> Allows:
    """Whether a record is at a stage."""
    return lambda _actor, row: row.record.stage == stage


def is_drawn(_actor: Actor, row: Any) -> bool:
    """Whether the experts of a panel are drawn by lot."""
    return row.choice == Choice.DRAW


def was_drawn(_actor: Actor, row: Any) -> bool:
    """Whether the draw of a panel was held."""
    return Draw.objects.filter(panel=row, drawn_at__isnull=False).exists()


def is_blind(_actor: Actor, row: Any) -> bool:
    """Whether a panel's experts do not learn of the applicants."""
    return row.is_blind


def own(actor: Actor, subject: Any) -> bool:
    """Whose it is."""
    return actor.person is not None and subject.person_id == actor.person.pk


def in_full(actor: Actor, row: Any) -> bool:
    """Who reads all of a record but its inner part."""
    return can_view(actor, row.record, "full")


def on_pair(actor: Actor, pair: Any) -> bool:
    """Who sees both sides of a pair and decides on it."""
    need, supply = pair
    return sees(actor, need) and sees(actor, supply) and decides(actor, need, supply.record)


def takes(actor: Actor, step: Any) -> bool:
    """Who sees the row and may take the move from its stage."""
    row, move = step
    return sees(actor, row) and bool(move.allowed.test(actor, row))


def asks(actor: Actor, step: Any) -> bool:
    """Who may take the move; to whoever does not see the record its code is an unknown one (422)."""
    return actor.is_signed_in and (not sees(actor, step[0]) or takes(actor, step))


def files(actor: Actor, row: Any) -> bool:
    """Who may file the record; to whoever does not see it its code is an unknown one (422)."""
    return actor.is_signed_in and (not sees(actor, row) or bool(registry.may_file(actor, row)))


def asked_for_it(actor: Actor, kept: Any) -> bool:
    """Who asked for the file."""
    return actor.person is not None and kept.by_id == actor.person.pk


def is_with_its_unit(_actor: Actor, row: Any) -> bool:
    """Whether the contract is one that its unit changes now."""
    return bool(row.record.stage in EDITED)


def holds_notice(actor: Actor, row: Any) -> bool:
    """Who sees the row and prepares a notice about it before some audience."""
    return sees(actor, row) and any(notices.may_hold(actor, row, one) for one in NoticeAudience.values)


def on_file(actor: Actor, subject: Any) -> bool:
    """Who sees the record and the field group of its file."""
    row, file = subject
    return sees(actor, row) and can_view(actor, row.record, file.group)


def takes_file_back(actor: Actor, subject: Any) -> bool:
    """Who sees the file and may take it back."""
    return on_file(actor, subject) and may_withdraw(actor, *subject)


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


def has_webhook(actor: Actor, webhook: Any) -> bool:
    """Who sets up webhooks for the organisation whose it is."""
    mine = actor.organisation is not None and webhook.acting_for_id == actor.organisation.pk
    return bool(may_have_webhooks.test(actor, None)) and mine


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


def fills(actor: Actor, template: Any) -> bool:
    """Who may fill a template."""
    return templates_for(actor).filter(pk=template.pk).exists()


def withdraws_template(actor: Actor, template: Any) -> bool:
    """Who may fill a template and writes for the office whose it is."""
    own = actor.organisation is not None and template.office_id == actor.organisation.pk
    return fills(actor, template) and may_manage(actor) and own


def of_deputyship(actor: Actor, deputy: Any) -> bool:
    """Whoever is represented, and whoever represents."""
    return actor.person is not None and actor.person.pk in {deputy.represented_id, deputy.person_id}


EVERYBODY = Rule(everybody)
WAY_IN = Rule(everybody, way_in=True)
SIGNED_IN = Rule(signed_in)
WITHOUT_LINK = "links"

PAGES = {
    # the shell
    **dict.fromkeys(("home", "search", "answer-times", "rules", "calendar", "styleguide", "income"), EVERYBODY),
    "styleguide-page": Rule(everybody, "examples"),
    "set_language": Rule(everybody, by="post", form={"language": "en"}),
    "inbox": SIGNED_IN,
    "mine": SIGNED_IN,
    "act-for": Rule(everybody, by="post"),
    "record-move": Rule(takes, "moves", by="post", form={"note": "理由", "reason": ""}),
    "record-upload": Rule(both(may_attach), "records"),
    "archive": Rule(both(may_archive), "closed", by="post"),
    "signatures": Rule(both(may_print), "records"),
    "print-version": Rule(both(may_print), "records", by="post"),
    **dict.fromkeys(("signed-scan", "confirm-version"), Rule(both(may_print, may_sign_paper), "records")),
    "ask-seal": Rule(both(may_print, may_sign_paper), "records", by="post", form={"provider": "unknown"}),
    "version": Rule(everybody, "versions"),
    "version-page": Rule(everybody, "pages of versions"),
    "watch-record": Rule(both(signed_in), "records", by="post"),
    "document": Rule(on_file, "files"),
    "document-withdraw": Rule(takes_file_back, "files"),
    "export": Rule(asked_for_it, "exports"),
    "audit": Rule(may_audit.test),
    "open-data": EVERYBODY,
    "open-data-file": Rule(everybody, "open data"),
    "exposure": Rule(reads_figures.test),
    "weightings": Rule(reads_figures.test),
    "weighting-switch": Rule(weighs.test, "weightings", by="post"),
    "jobs": Rule(oversees_jobs.test),
    "job": Rule(may_see.test, "jobs"),
    "job-again": Rule(oversees_jobs.test, "jobs", by="post"),
    "messages": Rule(oversees_jobs.test),
    "message-again": Rule(oversees_jobs.test, "messages", by="post"),
    "message-stop": Rule(nobody, WITHOUT_LINK),
    "preferences": SIGNED_IN,
    "message-resume": Rule(signed_in, by="post"),
    "webhooks": Rule(may_have_webhooks.test),
    "webhook-new": Rule(may_have_webhooks.test),
    "webhook": Rule(has_webhook, "webhooks"),
    "webhook-end": Rule(has_webhook, "webhooks", by="post"),
    "webhook-key": Rule(has_webhook, "webhooks", by="post"),
    "watches": SIGNED_IN,
    "watch-search": Rule(signed_in, by="post", form={"address": "/needs/?q=x"}),
    "watch-change": Rule(own, "watches", by="post"),
    "watch-end": Rule(own, "watches", by="post"),
    "feed-open": Rule(signed_in, by="post"),
    **dict.fromkeys(("feed-renew", "feed-close"), SIGNED_IN),
    "feed": Rule(nobody, WITHOUT_LINK),
    "rule": Rule(everybody, "rule values"),
    "rule-new": Rule(lambda actor, _: may_change_rules(actor)),
    "rule-withdraw": Rule(lambda actor, _: may_change_rules(actor), "rule versions", by="post"),
    "calendar-load": Rule(lambda actor, _: may_change_rules(actor)),
    "imports": SIGNED_IN,
    "import-new": Rule(lambda actor, _: bool(kinds_importable_by(actor))),
    "import-template": Rule(everybody, "kinds of import"),
    "import": Rule(may_see_import.test, "imports"),
    "import-rejects": Rule(may_see_import.test, "imports"),
    "import-undo": Rule(lambda actor, kept: may_see_import.test(actor, kept) and may_undo_import.test(actor, kept),
                        "imports"),
    # Word templates
    "templates": SIGNED_IN,
    "template-new": Rule(lambda actor, _: may_manage(actor)),
    "template-fields": Rule(everybody, "kinds"),
    "template-file": Rule(fills, "templates"),
    "template-withdraw": Rule(withdraws_template, "templates"),
    "fill-record": Rule(both(signed_in), "records"),
    "fill-list": Rule(signed_in, "kinds"),
    # organisations and people
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
    # the way in, and one's own account
    **dict.fromkeys(
        ("sign-in", "sign-in-second", "sign-in-code", "sign-in-code-typed", "provider-first", "provider-first-code",
         "provider-tie", "sign-up", "sign-up-code", "password-forgotten"), WAY_IN
    ),
    "sign-in-passkey": Rule(everybody, by="post", way_in=True),
    "sign-out": Rule(everybody, by="post"),
    "provider-out": Rule(nobody, "providers"),
    "provider-back": Rule(nobody, "providers"),
    "invitation": Rule(nobody, WITHOUT_LINK),
    "password-new": Rule(nobody, "password links"),
    **dict.fromkeys(
        ("account", "account-password", "email-change", "email-code", "mobile-change", "mobile-code",
         "prove", "prove-code", "security", "app-new", "passkey-new"), SIGNED_IN
    ),
    **dict.fromkeys(("mobile-remove", "recovery-new", "sessions-end"), Rule(signed_in, by="post")),
    "account-copy": Rule(signed_in, by="post"),
    "factor-remove": Rule(signed_in, "one number", by="post"),
    "provider-untie": Rule(signed_in, "one number", by="post"),
    "session-end": Rule(signed_in, "one mark", by="post"),
    # notices and objections
    **dict.fromkeys(("notices", "notice-feed"), EVERYBODY),
    "notice": Rule(sees, "notices"),
    "notice-edit": Rule(both(runs.test, at_stage("prepared")), "notices"),
    "notice-text": Rule(both(runs.test), "notices"),
    "notice-word": Rule(both(runs.test), "notices"),
    "notice-channel": Rule(both(runs.test), "channels"),
    "notice-new": Rule(holds_notice, "noticed"),
    "objection-new": Rule(sees, "running notices"),
    "objection": Rule(sees, "objections"),
    # approvals
    "approvals": EVERYBODY,
    "approval": Rule(sees, "approvals"),
    "approval-sign": Rule(lambda actor, step: sees(actor, step.approval) and may_sign(actor, step), "steps"),
    "approval-return": Rule(both(signs_now.test), "approvals"),
    "approval-new": Rule(takes, "routed"),
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
    # inspections
    "inspections": SIGNED_IN,
    "inspection-new": Rule(lambda actor, _: may_prepare(actor)),
    "inspection": Rule(sees, "inspection"),
    "inspection-letter": Rule(both(admits.test), "inspection"),
    "inspection-edit": Rule(both(admits.test, at_stage("prepared")), "inspection"),
    # what units keep inside, and file
    **dict.fromkeys(("dossiers", "filings", "roles"), EVERYBODY),
    "dossier": Rule(sees, "dossier"),
    "dossier-new": Rule(lambda actor, _: bool(sorts_kept_by(actor))),
    "dossier-edit": Rule(both(keeps.test), "dossier"),
    "filing": Rule(sees, "filing"),
    "filing-new": Rule(both(registry.may_file), "dossier"),
    # experts, panels and reviews
    **dict.fromkeys(("experts", "panels", "reviews"), SIGNED_IN),
    "expert": Rule(sees, "expert"),
    "expert-new": Rule(lambda actor, _: keeps_pool(actor)),
    "expert-edit": Rule(both(keeps_expert), "expert"),
    "expert-ties": Rule(both(is_themselves.test), "expert"),
    "panel": Rule(sees, "panel"),
    "panel-new": Rule(both(lambda actor, _: may_judge(actor, "call")), "call"),
    "panel-edit": Rule(both(runs_panel.test, at_stage("prepared")), "panel"),
    "panel-conflicts": Rule(both(runs_panel.test, is_live), "panel"),
    "panel-dismiss": Rule(nobody, "panel"),
    "panel-assign": Rule(both(runs_panel.test, is_live), "panel"),
    "panel-draw": Rule(both(runs_panel.test, is_live, is_drawn), "panel"),
    "panel-draw-record": Rule(both(runs_panel.test, was_drawn), "panel"),
    "panel-hidden": Rule(both(runs_panel.test, is_live, is_blind), "items of panels"),
    "panel-meeting": Rule(both(runs_panel.test, at_stage("scored")), "panel"),
    "review": Rule(sees, "review"),
    "review-item": Rule(both(reads_items), "items of reviews"),
    "review-give-back": Rule(both(scores_now), "items of reviews"),
    # calls and applications
    **dict.fromkeys(("calls", "applications"), EVERYBODY),
    "call": Rule(sees, "call"),
    "call-new": Rule(lambda actor, _: makes_calls(actor)),
    "call-edit": Rule(prepares_call, "call"),
    "call-item-new": Rule(prepares_call, "call"),
    "call-item-remove": Rule(prepares_call, "items of calls"),
    "call-readings": Rule(prepares_call, "call"),
    "call-proposal": Rule(both(proposes.test, lambda _actor, row: row.record.stage == "closed"), "call"),
    "call-post-again": Rule(both(posts_again.test), "call"),
    "call-ask": Rule(lambda actor, row: reads_list(actor, row) and asks_questions.test(actor, row), "call"),
    "call-answer": Rule(both(answers_questions.test), "questions of calls"),
    "application": Rule(sees, "application"),
    "application-new": Rule(applies_for_first, "items of calls"),
    "application-edit": Rule(both(represents_owner.test, is_written), "application"),
    # projects
    "projects": EVERYBODY,
    "project": Rule(sees, "project"),
    "project-new": Rule(both(opens.test), "application"),
    "project-edit": Rule(both(represents_owner.test, at_stage("drafted")), "project"),
    "project-answer": Rule(both(is_invited.test), "project"),
    "project-sign-book": Rule(both(signs_book.test), "project"),
    "project-join": Rule(both(is_asked_to_join.test), "project"),
    "project-change-new": Rule(both(asks_change.test), "project"),
    "project-change": Rule(both(decides_project.test), "changes of projects"),
    "milestone-report": Rule(both(reports_milestone.test), "milestones of projects"),
    "milestone-judge": Rule(both(decides_project.test), "milestones of projects"),
    "payment-made": Rule(both(decides_project.test), "milestones of projects"),
    "project-first-use": Rule(both(uses_first.test), "project"),
    **dict.fromkeys(
        ("project-settlement", "project-test-report", "project-first-user"), Rule(both(decides_project.test), "project")
    ),
    "project-decisions": Rule(both(reads_decisions.test), "project"),
    "races": EVERYBODY,
    "race": Rule(sees, "race"),
    "race-new": Rule(lambda actor, row: reads_list(actor, row) and opens_races(actor, row.region), "items of calls"),
    **dict.fromkeys(("race-gate", "race-reserve"), Rule(both(decides_race.test), "race")),
    **dict.fromkeys(("payments", "payments-read-back"), Rule(lambda actor, _: bool(actor.regions_of("project")))),
    # technology contracts
    **dict.fromkeys(("contracts", "contract-figures"), EVERYBODY),
    "contract": Rule(sees, "contract"),
    "contracts-read-back": Rule(lambda actor, _: bool(actor.regions_of("contract"))),
    "contract-new": Rule(lambda actor, _: keeps_contracts(actor)),
    "contract-edit": Rule(both(keeps_contract.test, is_with_its_unit), "contract"),
    "contract-desk": Rule(both(is_officer.test), "contract"),
    "contract-registration": Rule(both(is_officer.test), "contract"),
    # achievements, needs, introductions
    **dict.fromkeys(("achievements", "needs", "introductions", "match"), EVERYBODY),
    "achievement-new": Rule(writes),
    "need-new": Rule(writes),
    "achievement": Rule(sees, "achievement"),
    "need": Rule(sees, "need"),
    "introduction": Rule(sees, "introduction"),
    "meeting": Rule(both(plans.test, lambda _actor, row: row.record.stage == PLANNED_IN), "introduction"),
    "achievement-edit": Rule(both(represents_owner.test), "achievement"),
    "need-edit": Rule(both(represents_owner.test), "need"),
    "introduce": Rule(on_pair, "pairs", by="post"),
    "refuse": Rule(on_pair, "pairs", by="post", form={"reason": "partner"}),
}  # fmt: skip
"""Routes of pages."""

# -- the API -----------------------------------------------------------------------------------------------------------

ANY_KIND = {
    "list": EVERYBODY,
    "get": Rule(sees, "{kind}"),
    "history": Rule(sees, "{kind}"),
    "moves": Rule(sees, "{kind}"),
    "documents": Rule(sees, "{kind}"),
    "move": Rule(takes, "moves of {kind}", by="post", form={"note": "理由"}),
    "attach": Rule(both(may_attach), "{kind}", by="post", form={"declared_open": "true"}, file=True),
    "download": Rule(on_file, "files of {kind}"),
    "withdraw-document": Rule(takes_file_back, "files of {kind}", by="delete"),
    "fill": Rule(sees, "papers of {kind}"),
    # what writes papers is asked about some records of each kind
    "print-version": Rule(both(may_print), "some {kind}"),
    "signatures": Rule(sees, "some {kind}"),
    "stamp": Rule(both(may_sign_paper), "some {kind}", by="post", form={"declared_open": "true"}, file=True),
    "confirm-version": Rule(both(may_sign_paper), "some {kind}", by="post", form={"version_code": "x"}),
    "seals": Rule(sees, "some {kind}"),
    "ask-seal": Rule(both(may_sign_paper), "some {kind}", by="post", form={"provider": "unknown"}),
    "archive": Rule(both(may_archive), "some {kind}", by="post"),
    "create": Rule(writes, by="post", form={"title": "草稿"}),
    "change": Rule(both(represents_owner.test), "{kind}", by="put", form={"title": "改名", "version": 1}),
}
"""Operations that every kind has, by what stands after its plural."""

OPERATIONS = {
    **dict.fromkeys(
        ("start", "search", "status", "me", "rules-list", "templates", "approvals-waiting", "seal-providers"),
        EVERYBODY,
    ),
    "template-fields": EVERYBODY,
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
    "inspections-create": Rule(
        lambda actor, _: may_prepare(actor), by="post",
        form={"email": "nobody@example.com", "body": "市审计局", "letter_no": "7号", "since": "2026-11-25",
              "until": "2026-11-26", "codes": ["N-1999-00001"]},
    ),
    "inspections-change": Rule(
        both(admits.test), "inspection", by="put",
        form={"body": "市审计局", "letter_no": "7号", "since": "2026-11-25", "until": "2026-11-26",
              "codes": ["N-1999-00001"], "version": 1},
    ),
    "notices-change": Rule(
        both(runs.test), "notice", by="put", form={"channels": ["site"], "reception": "科技局，020-1", "version": 1}
    ),
    "inspections-letter": Rule(
        both(admits.test), "inspection", by="post", form={"declared_open": "true"}, file=True
    ),
    "templates-add": Rule(lambda actor, _: may_manage(actor), by="post", form={"kind": "x", "name": "函"}, file=True),
    "templates-withdraw": Rule(withdraws_template, "templates", by="delete"),
    "exports-get": Rule(asked_for_it, "exports"),
    "exports-file": Rule(asked_for_it, "exports"),
    "approvals-create": Rule(
        asks, "asked", by="post", form=lambda step: {"record": step[0].record.code, "move": step[1].name}
    ),
    "rules-get": Rule(everybody, "rule values"),
    "calendar-get": Rule(everybody, "years"),
    "audit-get": Rule(may_audit.test, "months"),
    "match": Rule(everybody, by="post", form={"text": "抛光"}),
    "needs-matches": Rule(sees, "need"),
    "needs-near-misses": Rule(sees, "need"),
    "achievements-matches": Rule(sees, "achievement"),
    "achievements-missed": Rule(hears_what_was_missed, "achievement"),
    "introductions-meeting": Rule(
        both(plans.test), "introduction", by="put", form={"at": "2020-01-01T09:00:00+08:00", "where": "会议室"}
    ),
    "needs-introduce": Rule(on_pair, "pairs", by="post"),
    "needs-refuse": Rule(on_pair, "pairs", by="post", form={"reason": "partner"}),
    "notices-create": Rule(
        lambda actor, row: actor.is_signed_in and (not sees(actor, row) or notices.may_hold(actor, row, "public")),
        "noticed row", by="post",
        form=lambda row: {"record": row.record.code, "move": "register", "audience": "public", "channels": ["site"],
                          "reception": "科技局，020-1"},
    ),
    "notices-channel": Rule(
        both(runs.test), "channel kinds", by="post", form={"on": "2026-01-01", "declared_open": "true"}, file=True
    ),
    "notices-object": Rule(
        both(signed_in), "running notices", by="post",
        form={"name": "赵举", "contact": "13812345678", "text": "完成人排序与事实不符。"},
    ),
    "dossiers-create": Rule(
        lambda actor, _: "price" in sorts_kept_by(actor), by="post",
        form={"title": "底价", "sort": "price", "on": "2026-01-01"},
    ),
    "dossiers-change": Rule(
        both(keeps.test), "dossier", by="put",
        form={"title": "改名", "sort": "price", "on": "2026-01-01", "version": 1},
    ),
    "experts-create": Rule(
        lambda actor, _: keeps_pool(actor), by="post",
        form={"email": "nobody@example.com", "sort": "technical", "fields": ["materials"]},
    ),
    "experts-change": Rule(
        both(keeps_expert), "expert", by="put", form={"sort": "finance", "fields": ["energy"], "version": 1}
    ),
    "experts-ties": Rule(both(is_themselves.test), "expert", by="put", form={}),
    "panels-create": Rule(signed_in, by="post", form={"title": "评审", "about": "B-1999-00001"}),
    "panels-change": Rule(both(runs_panel.test), "panel", by="put", form={"title": "改名", "version": 1}),
    **dict.fromkeys(("panels-items", "panels-experts"), Rule(sees, "panel")),
    "panels-draw": Rule(both(was_drawn), "panel"),
    "panels-conflicts": Rule(both(runs_panel.test), "panel"),
    "panels-look-up": Rule(
        both(runs_panel.test), "panel", by="post", form={"source": "登记系统", "on": "2026-01-01"}
    ),
    "panels-dismiss": Rule(both(runs_panel.test), "panel", by="post", form={"key": "x", "reason": "同名"}),
    **dict.fromkeys(
        ("panels-assign", "panels-commit", "panels-replace"), Rule(both(runs_panel.test), "panel", by="post")
    ),
    "panels-hold": Rule(both(runs_panel.test), "panel", by="post", form={"word": "春分", "witness": "赵见证"}),
    "panels-hide": Rule(both(runs_panel.test), "items of panels", by="put", form={"words": []}),
    "panels-meeting": Rule(
        both(runs_panel.test), "panel", by="put", form={"minutes_no": "1", "met_on": "2026-01-01"}
    ),
    "reviews-items": Rule(both(reads_items), "review"),
    "reviews-score": Rule(both(scores_now), "items of reviews", by="put", form={"marks": [], "words": []}),
    "reviews-give-back": Rule(both(scores_now), "items of reviews", by="post", form={"reason": "有关系"}),
    "calls-create": Rule(lambda actor, _: makes_calls(actor), by="post", form={"title": "草稿"}),
    "calls-change": Rule(prepares_call, "call", by="put", form={"title": "改名", "version": 1}),
    "calls-put-item": Rule(both(signed_in), "call", by="post", form={"need": "N-1999-00001"}),
    "calls-take-item": Rule(prepares_call, "items of calls", by="delete"),
    "calls-readings": Rule(prepares_call, "call", by="put", form={}),
    "calls-post-again": Rule(both(posts_again.test), "call", by="post"),
    "calls-ask": Rule(
        lambda actor, row: reads_list(actor, row) and asks_questions.test(actor, row), "call", by="post",
        form={"words": "测试条件？"},
    ),
    "calls-answer": Rule(both(answers_questions.test), "questions of calls", by="put", form={"answer": "室温。"}),
    "calls-proposal": Rule(both(proposes.test), "call", by="put", form={"lines": []}),
    "applications-create": Rule(
        lambda actor, _: may_apply(actor), "open call", by="post",
        form=lambda row: {"title": "草稿", "call": row.record.code, "item": 1},
    ),
    "applications-change": Rule(
        both(represents_owner.test, is_written), "application", by="put", form={"title": "改名", "version": 1}
    ),
    "projects-create": Rule(
        both(opens.test), "application", by="post", form=lambda row: {"application": row.record.code}
    ),
    "projects-change": Rule(
        both(represents_owner.test, at_stage("drafted")), "project", by="put", form={"version": 1}
    ),
    "projects-answer": Rule(both(is_invited.test), "project", by="post", form={"accepts": True}),
    "projects-sign-book": Rule(both(signs_book.test), "project", by="post"),
    "projects-ask-change": Rule(
        both(asks_change.test), "project", by="post", form={"leaving": "O-1999-00001", "reason": "搬迁"}
    ),
    "projects-join": Rule(both(is_asked_to_join.test), "project", by="post"),
    "projects-decide-change": Rule(
        both(decides_project.test), "changes of projects", by="put", form={"approves": False, "reason": "不必"}
    ),
    "projects-report": Rule(
        both(reports_milestone.test), "milestones of projects", by="post", form={"words": "样件达到0.09 nm"}
    ),
    "projects-judge": Rule(
        both(decides_project.test), "milestones of projects", by="put", form={"passed": True, "words": "检测报告齐全"}
    ),
    "projects-pay": Rule(
        both(decides_project.test), "milestones of projects", by="put", form={"voucher": "1", "paid_on": "2026-01-01"}
    ),
    "projects-settle": Rule(
        both(decides_project.test), "project", by="put", form={"spent_fen": 1, "diligent": True, "words": "审计"}
    ),
    "projects-first-use": Rule(
        both(uses_first.test), "project", by="put", form={"on": "2026-01-01", "meets": True, "words": "产线运行"}
    ),
    "projects-test-report": Rule(
        both(decides_project.test), "project", by="put",
        form={"on": "2026-01-01", "meets": True, "words": "检测", "tester": "O-1999-00001"},
    ),
    "projects-first-user": Rule(both(decides_project.test), "project", by="put", form={"user": "O-1999-00001"}),
    "races-create": Rule(
        lambda actor, row: reads_list(actor, row) and opens_races(actor, row.region), "open call", by="post",
        form=lambda row: {
            "call": row.record.code, "item": 1, "projects": [], "first_fen": 1, "gates": ["2027-01-01"],
            "least_teams": 2, "most_teams": 3, "first_share_bp": 3000,
        },
    ),
    "races-gate": Rule(
        both(decides_race.test), "race", by="post",
        form={"on": "2026-01-01", "tester": "O-1999-00001", "report_no": "1", "teams": []},
    ),
    "races-reserve": Rule(
        both(decides_race.test), "race", by="post", form={"team": "X-1", "fen": 1, "occasion": "signing"}
    ),
    "contracts-create": Rule(lambda actor, _: keeps_contracts(actor), by="post", form={"title": "草稿"}),
    "contracts-change": Rule(
        both(keeps_contract.test, is_with_its_unit), "contract", by="put", form={"title": "改名", "version": 1}
    ),
    "contracts-registration": Rule(
        both(is_officer.test), "contract", by="post",
        form={"reg_no": "1", "registered_on": "2026-01-01", "turnover_fen": 1, "technology_fen": 1},
    ),
    "filings-create": Rule(
        files, "to file", by="post", form=lambda row: {"record": row.record.code}
    ),
    "organisations-create": Rule(signed_in, by="post", form={"title": "新单位", "organisation_kind": "enterprise"}),
    "needs-change": Rule(
        both(represents_owner.test, at_stage("draft")), "need", by="put", form={"title": "改名", "version": 1}
    ),
    "organisations-change": Rule(
        both(may_edit, may_rename), "organisation", by="put", form={"title": "改名", "version": 1}
    ),
}  # fmt: skip
"""Operations of the API that are not as every kind has them, by operation id."""


def rule_of(operation: str, plurals: dict[str, str]) -> tuple[Rule, str] | None:
    """The rule of an operation and the kind it is about; `plurals` gives the kind of a plural."""
    if operation in OPERATIONS:
        return OPERATIONS[operation], ""
    plural, _mark, what = operation.partition("-")
    return (ANY_KIND[what], plurals[plural]) if plural in plurals and what in ANY_KIND else None
