"""How what its owner laid open leaves the lists again: the same moves for all that is offered and asked."""

from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.access import is_officer, represents_owner
from kezhuan.kernel.lifecycle import Move


def leaving(*sources: str, voided: str) -> tuple[Move, ...]:
    """The owner or an officer withdraws it from one of `sources`, and the owner brings it back to draft; what stands at
    `voided` or is withdrawn an officer declares void."""
    withdraw = Move(
        "withdraw",
        _("Withdraw"),
        source=frozenset(sources),
        target="withdrawn",
        allowed=represents_owner | is_officer,
        note="required",
        danger=True,
    )
    reopen = Move(
        "reopen", _("Back to draft"), source=frozenset({"withdrawn"}), target="draft", allowed=represents_owner
    )
    void = Move(
        "void",
        _("Declare void"),
        source=frozenset({voided, "withdrawn"}),
        target="void",
        allowed=is_officer,
        note="required",
        danger=True,
    )
    return withdraw, reopen, void
