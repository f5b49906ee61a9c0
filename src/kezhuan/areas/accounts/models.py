"""What an account signs in with beside its password, and where it is signed in."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models import User


class Session(AbstractBaseSession):
    """A browser that is known here; once somebody signed in by it, who, since when and from where.

    Django's own table with columns of ours, so that an account's sessions can be listed and ended.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="last page, told to within some minutes")
    address = models.CharField(max_length=45, blank=True, help_text="network address it was opened from")
    agent = models.CharField(max_length=300, blank=True, help_text="what the browser says of itself")
    ticket = models.CharField(max_length=64, default="", help_text="hash of the CAS ticket by which it was opened")

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        indexes = [models.Index(fields=["ticket"], condition=~models.Q(ticket=""), name="session_ticket")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        """See the base."""
        return import_module(settings.SESSION_ENGINE).SessionStore


class FactorKind(models.TextChoices):
    """What a factor is."""

    TOTP = "totp", _("authenticator app")
    PASSKEY = "passkey", _("passkey")
    RECOVERY = "recovery", _("recovery code")


class Factor(models.Model):
    """A thing that proves who somebody is: an authenticator app's secret, a passkey, or one recovery code.

    `secret` is sealed for an app, the public credential for a passkey, a hash for a recovery code. `counter` is the
    last time step that was used of an app, and a passkey's own count of its uses.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=10, choices=FactorKind)
    name = models.CharField(max_length=60, blank=True)
    secret = models.TextField()
    handle = models.CharField(max_length=700, unique=True, null=True, help_text="a passkey's id, base64url")
    counter = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(kind=FactorKind.TOTP), name="factor_one_authenticator"
            )
        ]


class Identity(models.Model):
    """The account is somebody at an identity provider; tied by a proven address or by signing in here once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=40)
    subject = models.CharField(max_length=255, help_text="the provider's own lasting name for the person")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "subject"], name="identity_once")]
