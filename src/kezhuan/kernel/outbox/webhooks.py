"""Webhooks: who may have one, which changes it is called for, and the calls that were made."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus, urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, about_actor, actor_as, visible_to
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.marks import refuse_marked, refuse_marked_texts
from kezhuan.kernel.models import Channel, Message, Person, Record, Webhook, WebhookForm
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox.messages import keep
from kezhuan.kernel.text import batches, clean, now

LETTER = "webhook"
MOST_WEBHOOKS = 10
"""An organisation has no more webhooks than this at a time."""


@about_actor
def may_have_webhooks(actor: Actor, _row: Any) -> bool:
    """Administers the organisation they act for, or is an officer."""
    return actor.organisation is not None and bool(actor.roles & {Role.ADMINISTRATOR, Role.OFFICER})


def webhooks_of(actor: Actor) -> QuerySet[Webhook]:
    """The open webhooks of the organisation that the actor acts for; none for whoever may have none."""
    if not may_have_webhooks.test(actor, None):
        return Webhook.objects.none()
    return Webhook.objects.filter(acting_for=actor.organisation, ended_at=None).order_by("-pk")


def get_webhook(actor: Actor, number: int) -> Webhook:
    """One of them; raises `Missing` for anybody else's."""
    found = webhooks_of(actor).filter(pk=number).first()
    if found is None:
        raise Missing(str(number))
    return found


def add_webhook(*, actor: Actor, form: str, url: str, kinds: Sequence[str], robot_secret: str = "") -> Webhook:
    """Call an address when records change that the actor may see. Raises `NotAllowed`, or `Refused` for marked
    words, an address that cannot be called or a webhook too many."""
    if not may_have_webhooks.test(actor, None) or actor.person is None:
        raise NotAllowed(_("Administrators of an organisation, and officers, set up webhooks."))
    with journal.writing():
        # One after the other, so that many at once are told apart from the limit.
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.person.pk)
        webhook = Webhook(
            person=actor.person,
            acting_for=actor.organisation,
            form=form,
            url=clean(url),
            robot_secret=clean(robot_secret),
            kinds=sorted(set(kinds)),
            made_at=now(),
        )
        refuse_marked(webhook)
        refuse_marked_texts(unquote_plus(webhook.url), "url")
        if problems := _problems(actor, webhook):
            raise Refused(problems)
        require_fits(webhook)
        webhook.save(force_insert=True)
        data = {"webhook": webhook.pk, "form": form, "kinds": webhook.kinds}
        journal.note("webhook.made", record=_record(actor), actor=actor, data=data, texts={"url": webhook.url})
    return webhook


def _problems(actor: Actor, webhook: Webhook) -> list[Problem]:
    problems = []
    try:
        parts = urlsplit(webhook.url)
        secure, named = parts.scheme == "https", bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # such as a port that is no number
        secure = named = False
    usable = named and (secure or (parts.scheme == "http" and settings.PRIVATE_WEBHOOKS))
    if not usable or "@" in parts.netloc or not webhook.url.isascii():
        sentence = _("Give a whole address that begins with https:// and holds no password.")
        problems.append(Problem("webhook-address", sentence, "url"))
    if webhook.form not in WebhookForm.values:
        problems.append(Problem("webhook-form", _("Choose from the list."), "form"))
    if webhooks_of(actor).count() >= MOST_WEBHOOKS:
        sentence = _("There are %(count)s webhooks already. End one that is not needed first.")
        problems.append(Problem("webhooks-many", sentence % {"count": MOST_WEBHOOKS}))
    return problems


def _record(actor: Actor) -> Record:
    assert actor.organisation is not None
    return actor.organisation.record


def end_webhook(*, actor: Actor, number: int) -> None:
    """Call it no more; what still waits for it is dropped."""
    webhook = get_webhook(actor, number)
    with journal.writing():
        if Webhook.objects.filter(pk=webhook.pk, ended_at=None).update(ended_at=now()):
            journal.note("webhook.ended", record=_record(actor), actor=actor, data={"webhook": webhook.pk})


def renew_key(*, actor: Actor, number: int) -> Webhook:
    """Sign with another key from now on; the old one is good for nothing any more."""
    webhook = get_webhook(actor, number)
    with journal.writing():
        Webhook.objects.filter(pk=webhook.pk).update(key_number=F("key_number") + 1)
        journal.note("webhook.key", record=_record(actor), actor=actor, data={"webhook": webhook.pk})
    return get_webhook(actor, number)


def follow(changed: Sequence[int], anew: bool) -> None:
    """The follower that keeps a call for each changed record and each webhook whose owner may see it now.

    A record that changed several times since is called for once: the call tells how it stands when it is made.
    """
    if anew or not changed:
        return  # in a journal that is not the one followed, nobody knows what is new
    for webhook in Webhook.objects.filter(ended_at=None).select_related("person__record"):
        actor = actor_as(webhook.person, webhook.acting_for_id)
        if actor is None:
            continue  # they left
        for batch in batches(changed, 500):
            rows = visible_to(actor, Record.objects.filter(pk__in=batch)).order_by("pk")
            rows = rows.filter(kind__in=webhook.kinds) if webhook.kinds else rows
            keep([_call(webhook, *row) for row in rows.values_list("pk", "uid", "version")])


def _call(webhook: Webhook, record: int, uid: UUID, version: int) -> Message:
    return Message(
        key=f"webhook:{webhook.pk}:{uid}:{version}",
        channel=Channel.WEBHOOK,
        letter=LETTER,
        person=webhook.person,
        acting_for_id=webhook.acting_for_id,
        webhook=webhook,
        content={"record": record, "form": webhook.form},
    )
