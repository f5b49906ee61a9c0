"""What goes out of the house: messages to people, and calls to other programs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """By which way a message goes."""

    MAIL = "mail", _("mail")
    SMS = "sms", _("short message")
    CARD = "card", _("work card")
    WEBHOOK = "webhook", _("webhook")


class MessageState(models.TextChoices):
    """Where a message stands. Unclear: its sending was cut off after it had begun; nobody knows whether it arrived."""

    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DROPPED = "dropped", _("not needed any more")
    UNCLEAR = "unclear", _("unclear")
    FAILED = "failed", _("failed")


class Message(models.Model):
    """One message to one receiver. `key` says what it is about, so that nothing is sent twice.

    Either `to`, `subject` and `text` were given, and are blank once erased; or `letter` names the words, which are made
    for `person` at the moment of sending from `content` and are kept nowhere. `content` holds identifiers and figures;
    of a followed record also what its public part said before and after, so it is erased with the words.
    """

    key = models.CharField(max_length=150, unique=True)
    channel = models.CharField(max_length=10, choices=Channel)
    topic = models.CharField(
        max_length=60, blank=True, help_text="what the receiver may stop; empty: cannot be stopped"
    )
    letter = models.CharField(max_length=60, blank=True)
    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="messages")
    acting_for = models.ForeignKey(
        "kernel.Organisation", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    webhook = models.ForeignKey("kernel.Webhook", on_delete=models.PROTECT, null=True, related_name="messages")
    content = models.JSONField(default=dict)
    to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    brief = models.BooleanField(default=False, help_text="erased as soon as it was sent: it holds a code or a link")
    erased = models.BooleanField(default=False, help_text="its words and content are gone")
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-id"], name="message_of_state"),
            models.Index(fields=["webhook", "-id"], name="message_of_webhook"),
            models.Index(fields=["webhook", "state", "id"], name="message_to_call"),
            models.Index(fields=["made_at"], condition=models.Q(erased=False), name="message_with_words"),
        ]


class Preference(models.Model):
    """How a person wants to be written to."""

    person = models.OneToOneField(
        "kernel.Person", on_delete=models.PROTECT, primary_key=True, related_name="preference"
    )
    language = models.CharField(max_length=10, default="zh-hans")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.MAIL)
    card = models.CharField(max_length=100, blank=True, help_text="user id on the city's work platform")
    feed_number = models.PositiveIntegerField(
        default=0, help_text="which address the calendar has; 0 before there was one; rises when it is made anew"
    )
    feed_open = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card"], condition=~models.Q(card=""), name="card_once")]


class Stop(models.Model):
    """A person wants no more messages of a topic."""

    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, related_name="stops", db_index=False)
    topic = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "topic"], name="stop_once")]


class WebhookForm(models.TextChoices):
    """What is posted: signed JSON, or the words that a group's robot understands."""

    SIGNED = "signed", _("signed JSON (Standard Webhooks)")
    WECOM = "wecom", _("group robot of 企业微信 (WeCom)")
    DINGTALK = "dingtalk", _("group robot of 钉钉 (DingTalk)")


class Webhook(models.Model):
    """An address that is called when records change which its owner may see."""

    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, related_name="webhooks")
    acting_for = models.ForeignKey("kernel.Organisation", on_delete=models.PROTECT, null=True, related_name="webhooks")
    form = models.CharField(max_length=10, choices=WebhookForm, default=WebhookForm.SIGNED)
    url = models.CharField(max_length=500)
    robot_secret = models.CharField(max_length=100, blank=True, help_text="the signing key that DingTalk gave out")
    kinds = models.JSONField(default=list, help_text="kinds of record; empty for all")
    key_number = models.PositiveIntegerField(default=1, help_text="rises when the signing key is made anew")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
