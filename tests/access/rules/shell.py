"""What is about no kind: home, search, rules, imports, messages, webhooks, saved searches, overseeing."""

from typing import Any

from kezhuan.areas.matches.permissions import plans_meetings, reads_figures, weighs
from kezhuan.exchange.permissions import kinds_importable_by, may_see_import, may_undo_import
from kezhuan.exchange.reading_actions import readings_of
from kezhuan.kernel.access import Actor
from kezhuan.kernel.audit import may_audit
from kezhuan.kernel.outbox.webhooks import may_have_webhooks
from kezhuan.kernel.overseeing import may_see, oversees_jobs
from kezhuan.kernel.rulebook import may_change_rules
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, WITHOUT_LINK, Rule, everybody, nobody, own, signed_in


def has_webhook(actor: Actor, webhook: Any) -> bool:
    """Who sets up webhooks for the organisation whose it is."""
    mine = actor.organisation is not None and webhook.acting_for_id == actor.organisation.pk
    return bool(may_have_webhooks.test(actor, None)) and mine


PAGES = {
    **dict.fromkeys(("home", "search", "answer-times", "rules", "calendar", "styleguide", "income", "income-ways",
                     "income-tax"), EVERYBODY),
    "styleguide-page": Rule(everybody, "examples"),
    "set_language": Rule(everybody, by="post", form={"language": "en"}),
    "inbox": SIGNED_IN,
    "mine": SIGNED_IN,
    "act-for": Rule(everybody, by="post"),
    "audit": Rule(may_audit.test),
    "open-data": EVERYBODY,
    "open-data-file": Rule(everybody, "open data"),
    "exposure": Rule(reads_figures.test),
    "missed": Rule(lambda actor, _: actor.organisation is not None),
    "precise": Rule(plans_meetings.test),
    "weightings": Rule(reads_figures.test),
    "weighting-switch": Rule(weighs.test, "weightings", by="post", form={"on": "1"}),
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
    "reading": Rule(lambda actor, row: readings_of(actor).filter(pk=row.pk).exists(), "readings"),
    "reading-carry-out": Rule(
        lambda actor, row: readings_of(actor).filter(pk=row.pk).exists(), "readings", by="post"
    ),
    "import-rejects": Rule(may_see_import.test, "imports"),
    "import-undo": Rule(lambda actor, kept: may_see_import.test(actor, kept) and may_undo_import.test(actor, kept),
                        "imports"),
}  # fmt: skip

OPERATIONS = {
    **dict.fromkeys(
        ("start", "search", "status", "me", "rules-list", "templates", "approvals-waiting", "seal-providers"),
        EVERYBODY,
    ),
    "rules-get": Rule(everybody, "rule values"),
    "calendar-get": Rule(everybody, "years"),
    "audit-get": Rule(may_audit.test, "months"),
}  # fmt: skip
