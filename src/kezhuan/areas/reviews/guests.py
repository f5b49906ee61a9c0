"""A guest's address: nobody can guess it, it opens one review, and it ends on its day or when it is taken back."""

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.models import Guest, PanelItem, Review
from kezhuan.engines.conflicts import Verdict
from kezhuan.kernel.errors import Ended
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import today

_SALT = "kezhuan.guest"
PATH = "/guests/{}/"
WHOLE = ("record", "panel__record", "panel__about", "panel__office__record", "expert__record", "expert__person__record")
"""What a review is read with for whoever opens its address."""


def path_of(guest: Guest) -> str:
    """Where the address leads on this site."""
    return PATH.format(signing.Signer(salt=_SALT).sign_object([guest.pk, guest.turn]))


def is_open(guest: Guest) -> bool:
    """Whether the address opens anything today."""
    return guest.withdrawn_on is None and guest.until >= today()


def review_at(token: str) -> Review:
    """The review that an address opens; raises `Ended` for one that was never given, has ended or was taken back."""
    try:
        number, turn = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Ended(_("This link is not whole: copy all of it from the message.")) from None
    rows = Review.objects.filter(pk=number, guest__turn=turn, guest__withdrawn_on=None, guest__until__gte=today())
    rows = rows.exclude(record__stage="released").exclude(expert__record__stage="left")
    found = rows.exclude(expert__person__record__phase=Phase.DONE).select_related(*WHOLE, "guest").first()
    if found is None:
        raise Ended(_("This address has ended, or was taken back: ask whoever sent it to you."))
    return found


def guest_of(review: Review) -> Guest | None:
    """By which address somebody without an account judges; None for everybody who has one."""
    return Guest.objects.filter(review=review.pk).first()


def items_free_for(review: Review, numbers: Sequence[int]) -> list[PanelItem]:
    """Of these items, or all of the panel where none is named, those that the guest is clear of today; what is not
    known is no clearance."""
    clearing = clear_panel(review.panel, [review.expert])
    verdicts: Any = clearing.cleared.verdicts
    return [
        one
        for place, one in enumerate(clearing.items)
        if verdicts[place, 0] == Verdict.CLEAR and (not numbers or one.number in numbers)
    ]
