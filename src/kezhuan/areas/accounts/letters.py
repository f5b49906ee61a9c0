"""What is written to people about their accounts: codes, links, and word of every change, by mail or short message."""

from django.utils.translation import gettext as _

from kezhuan.kernel import outbox
from kezhuan.kernel.models import User
from kezhuan.kernel.models.records import new_uid


def send_code(*, to: str, code: str, key: str) -> None:
    """Send a one-time code to a mail address, or to a mobile number (which begins with +)."""
    if to.startswith("+"):
        text = _("%(code)s is your code for Kezhuan. It is good for ten minutes. Give it to nobody.") % {"code": code}
        outbox.send(channel="sms", to=to, subject="", text=text, key=key)
        return
    text = _(
        "Your code is %(code)s. Type it into the page that asked for it; it is good for ten minutes.\n\n"
        "If you did not ask for a code, do nothing: without the code nobody gets in."
    ) % {"code": code}
    outbox.send(channel="mail", to=to, subject=_("Your code for Kezhuan"), text=text, key=key)


def send_taken(*, to: str, address: str, key: str) -> None:
    """Tell the owner of an address that somebody wanted to open a second account with it."""
    text = _(
        "Somebody, perhaps you, wanted to open an account with this mail address. There is one already: sign in with"
        " it, or have a new password set at %(address)s"
    ) % {"address": address}
    outbox.send(channel="mail", to=to, subject=_("You have an account at Kezhuan"), text=text, key=key)


def send_reset(*, user: User, address: str, key: str) -> None:
    """Send the link by which an account's password is set anew."""
    text = _(
        "At this address you set a new password for your account. It is good for one hour and for one time:\n\n"
        "%(address)s\n\nIf you did not ask for it, do nothing: your password stays as it is."
    ) % {"address": address}
    outbox.send(channel="mail", to=user.email, subject=_("Set a new password"), text=text, key=key)


def tell_change(user: User, change: str) -> None:
    """Tell an account's holder that what they sign in with was changed."""
    changes = {
        "factor-added": _("an authenticator app or a passkey was added"),
        "factor-removed": _("an authenticator app or a passkey was removed"),
        "recovery-renewed": _("new recovery codes were made"),
        "mobile": _("the mobile number was changed"),
        "email": _("the mail address was changed"),
        "password": _("the password was changed"),
        "identity-tied": _("signing in by an identity provider was added"),
    }
    text = _(
        "This was changed in your account: %(change)s.\n\n"
        "If it was not you, set a new password at once and tell the officers of your city."
    ) % {"change": changes[change]}
    outbox.send(
        channel="mail", to=user.email, subject=_("Your account was changed"), text=text, key=f"account:{new_uid()}"
    )
