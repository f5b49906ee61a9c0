"""Pages of messages: how one wants to be written to, stopping a topic without signing in, and what the outbox holds."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from kezhuan.kernel import outbox
from kezhuan.kernel.errors import Ended, Missing, NotAllowed
from kezhuan.kernel.models import Channel, Message, MessageState, Person, Stop
from kezhuan.kernel.text import day_from_text
from kezhuan.web import exports
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import Figure, MessageLine, Tag, Tone
from kezhuan.web.fields import offer
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.query import changed_query
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail

SHOWN = 50
MOST_COUNTED = 1000
TONES: dict[str, Tone] = {
    MessageState.WAITING: "neutral",
    MessageState.SENDING: "wait",
    MessageState.SENT: "ok",
    MessageState.DROPPED: "neutral",
    MessageState.UNCLEAR: "wait",
    MessageState.FAILED: "no",
}


# -- one's own ---------------------------------------------------------------------------------------------------------


class PreferenceForm(forms.Form):
    """In which language and by which way one is written to."""

    language = forms.ChoiceField(label=gettext_lazy("Language of messages"), choices=settings.LANGUAGES)
    channel = forms.ChoiceField(label=gettext_lazy("How they reach you"), widget=forms.RadioSelect)

    card = forms.CharField(
        label=gettext_lazy("Your user id on the city's work platform"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("As 政务微信 or 粤政易 knows you. Then messages can reach you there as cards."),
    )

    def __init__(self, posted: Any, person: Person, **more: Any) -> None:
        super().__init__(posted, **more)
        if not outbox.cards_leave():
            del self.fields["card"]
        labels = {Channel.MAIL: person.email, Channel.SMS: person.phone, Channel.CARD: ""}
        ways = [
            (way, " · ".join(part for part in (capfirst(str(Channel(way).label)), labels[Channel(way)]) if part))
            for way in outbox.ways_to(person)
        ]
        offer(self, "channel", ways)
        if not ways:
            del self.fields["channel"]


@never_cache
@require_http_methods(["GET", "POST"])
def preferences(request: Request) -> HttpResponseBase:
    """How one wants to be written to, and the topics one has stopped."""
    person = request.actor.person
    if person is None:
        return sign_in_first(request)
    start = {
        "language": outbox.language_of(person),
        "channel": outbox.way_to(person),
        "card": outbox.address_of(person, Channel.CARD),
    }

    def act(form: PreferenceForm) -> str:
        given = dict(form.cleaned_data)
        if "card" in given:
            outbox.set_card(request.actor, given.pop("card"))
        outbox.prefer(person, **given)
        return reverse("preferences")

    stopped = [
        (stop.topic, label)
        for stop in Stop.objects.filter(person=person).order_by("topic")
        if (label := outbox.label_of_topic(stop.topic))
    ]
    return action_page(
        request,
        lambda posted, _files: PreferenceForm(posted, person, initial=start),
        act,
        title=_("Messages to you"),
        submit_label=_("Save"),
        done=_("Saved."),
        back=reverse("account"),
        crumbs=trail((_("Home"), "/"), (_("Your account"), reverse("account")), _("Messages to you")),
        template="preferences.html",
        stopped=stopped,
        reachable=bool(outbox.ways_to(person)),
    )


@require_POST
def resume(request: Request) -> HttpResponse:
    """Begin a stopped topic again."""
    if request.actor.person is None:
        raise NotAllowed
    outbox.set_stopped(request.actor.person, request.POST.get("topic", "")[:60], False)
    return redirect("preferences")


@require_POST
def language(request: Request) -> HttpResponseBase:
    """Show the site in another language; whoever is signed in is written to in it from now on."""
    chosen = request.POST.get("language", "")
    if request.actor.person is not None and chosen in dict(settings.LANGUAGES):
        outbox.prefer(request.actor.person, language=chosen)
    return set_language(request)


# A mail program posts here on its own, without a form of this site (RFC 8058); the token is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: Request, token: str) -> HttpResponse:
    """Stop a topic by the link of a message: a button first, for a look at the link must change nothing."""
    known = outbox.read_stop_token(token)
    if known is None:
        raise Ended(_("This link is not whole: copy all of it from the message."))
    person, topic = known
    if request.method == "POST":
        outbox.set_stopped(person, topic, "resume" not in request.POST)
        return redirect("message-stop", token=token)
    return page(
        request,
        "stop.html",
        title=_("Messages"),
        crumbs=trail((_("Home"), "/"), _("Messages")),
        topic=outbox.label_of_topic(topic) or _("messages like the one you had"),
        stopped=outbox.has_stopped(person, topic),
    )


# -- the outbox --------------------------------------------------------------------------------------------------------


@takes_a_list
def overview(request: Request) -> HttpResponse:
    """What the outbox holds, without a word of it: for the city's officers."""
    if not outbox.oversees_messages.test(request.actor, None):
        raise NotAllowed(_("Only the city's officers see the outbox."))
    chosen = request.GET.get("state", "")
    rows = Message.objects.select_related("webhook").order_by("-pk")
    if chosen in MessageState.values:
        rows = rows.filter(state=chosen)
    on = day_from_text(request.GET.get("on", ""))
    rows = exports.asked_for_on(rows, on)
    if exports.asks_for_file(request):
        return _file(request, rows, chosen, on)
    figures = tuple(
        Figure(_count(state), capfirst(str(MessageState(state).label)), changed_query(request.GET, state=state))
        for state in MessageState.values
    )
    return page(
        request,
        "messages.html",
        title=_("Outbox"),
        crumbs=trail((_("Home"), reverse("home")), _("Outbox")),
        figures=figures,
        chosen=MessageState(chosen).label if chosen in MessageState.values else "",
        lines=[line_of(row) for row in rows[:SHOWN]],
        more=len(rows[: SHOWN + 1]) > SHOWN,
        state=chosen if chosen in MessageState.values else "",
        on=on.isoformat() if on else "",
        endings=tuple(exports.MEDIA),
    )


def _file(request: Request, rows: QuerySet[Message], state: str, on: date | None) -> HttpResponse:
    """The outbox as a file: like its page without receivers and words."""
    headers = (_("Message"), _("Number"), _("Way"), _("State"), _("Made"), _("Ended"), _("Attempts"), _("Error"))
    lines = [
        (
            capfirst(str(outbox.label_of(one))), one.pk, str(Channel(one.channel).label),
            str(MessageState(one.state).label), exports.local(one.made_at), exports.local(one.ended_at), one.attempts,
            one.error,
        )
        for one in rows[: exports.MOST_LINES + 1]
    ]  # fmt: skip
    filters = {"state": [state] if state in MessageState.values else [], "on": [on.isoformat()] if on else []}
    chosen = {name: values for name, values in filters.items() if values}
    return exports.table_file(request, headers, lines, name="messages", title=_("Outbox"), filters=chosen)


def _count(state: str) -> str:
    """How many are in a state, as far as anybody would count: the table is never emptied."""
    count = Message.objects.filter(state=state)[: MOST_COUNTED + 1].count()
    return f"{count:,}" if count <= MOST_COUNTED else f"{MOST_COUNTED:,}+"


def line_of(row: Message) -> MessageLine:
    """A message as it is listed: never its receiver or its words."""
    again = row.state in outbox.AGAIN or (row.webhook_id is not None and row.state == MessageState.SENT)
    return MessageLine(
        label=capfirst(str(outbox.label_of(row))),
        channel=Channel(row.channel).label,
        state=Tag(MessageState(row.state).label, TONES[row.state]),
        error=row.error,
        at=row.ended_at or row.made_at,
        attempts=row.attempts,
        again_url=reverse("message-again", args=[row.pk]) if again else "",
    )


@require_POST
def again(request: Request, number: int) -> HttpResponse:
    """Send a message once more."""
    message = Message.objects.select_related("webhook").filter(pk=number).first()
    if message is None or not outbox.may_send_again.test(request.actor, message):
        raise Missing(str(number))
    outbox.send_again(actor=request.actor, message=message)
    return redirect("webhook", number=message.webhook_id) if message.webhook_id else redirect("messages")
