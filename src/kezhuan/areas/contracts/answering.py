"""What a bureau answers of what a unit filed at an instance of its own, beside a number: the columns of its file, and
the steps by which the unit's instance notes a supplement that is asked for, a refusal, and the end of a registration.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.contracts.models import REGISTERED
from kezhuan.areas.contracts.permissions import came_in, is_numbered, reads_answers, registers
from kezhuan.engines.tables import Column
from kezhuan.kernel.errors import Text
from kezhuan.kernel.lifecycle import Move

DONE = "registered"
RESULTS = {
    DONE: ("已登记", "registered"),
    "supplementing": ("须补正", "supplement asked for"),
    "refused": ("不予登记", "not registered"),
    "amending": ("变更退回", "change sent back"),
    "cancelled": ("已注销", "registration cancelled"),
    "revoked": ("已撤销", "registration revoked"),
}
"""What is answered, by the stage of the case at the bureau, in the words of the file."""
BY_ENTRY: Mapping[str, tuple[str, ...]] = {
    "supplementing": ("contract.ask-supplement",),
    "refused": ("contract.refuse", "contract.reject", "contract.uphold"),
    "amending": ("contract.return-change", "contract.amend"),
    "cancelled": ("contract.cancel",),
    "revoked": ("contract.revoke",),
}
"""Which steps say why, by the stage that they lead to; a change that its unit begins at the bureau's instance is no
answer."""
BEGUN = "contract.amend"
RESULT = Column(
    "result", ("办理结果", "result of the bureau"), kind="choice",
    choices={words: stage for stage, said in RESULTS.items() for words in said},
)  # fmt: skip
FILED_NO = Column("filed_no", ("报送序号", "number of the filing"), kind="integer", low=1)
ANSWERED_ON = Column("answered_on", ("办理日期", "answered on"), kind="date")
WHY = Column("why", ("办理说明", "reason of the bureau"))
ANSWER_COLUMNS = (RESULT, FILED_NO, ANSWERED_ON, WHY)
"""Behind the columns of the form: what is answered, of which filing of the contract, since when, and why."""
ANSWERED_FROM = frozenset(
    {"submitted", "supplementing", "accepted", "reviewing", "experts", "passed", "refused", "province"}
)
"""Stages in which a contract at its unit's own instance may come to be registered by the bureau."""
WAITING = ANSWERED_FROM - {"refused"}
"""Stages in which its unit waits for an answer: the province may also have it registered, or supplemented first."""
NOTED = {
    "supplementing": "answered-supplement",
    "refused": "answered-refusal",
    "amending": "answered-return",
    "cancelled": "answered-cancelled",
    "revoked": "answered-revoked",
}
"""The step at the unit, by the stage of the case at the bureau."""


def _told(result: str, label: Text, source: frozenset[str], **more: Any) -> Move:
    """The step by which such a result is noted, with the bureau's reason."""
    return Move(NOTED[result], label, source=source, target=result, allowed=reads_answers, note="required", **more)


STEPS = (
    _told(
        "supplementing",
        _("The bureau asks for a supplement"),
        WAITING - {"supplementing"},
        hint=_("Complete the form, hand it in again here, and send the bureau the next package."),
    ),
    _told("refused", _("The bureau does not register it"), WAITING, danger=True),
    Move(
        "answered-change",
        _("The bureau has registered the change"),
        source=frozenset({"changed"}),
        target="registered",
        allowed=reads_answers & is_numbered,
    ),
    _told("amending", _("The bureau sends the change back"), frozenset({"changed"})),
    _told("cancelled", _("The bureau has cancelled the registration"), REGISTERED, danger=True),
    _told("revoked", _("The bureau has revoked the registration"), REGISTERED, danger=True),
    Move(
        "withdrawn-there",
        _("The unit has withdrawn it"),
        source=WAITING - {"experts", "province"},
        target="withdrawn",
        allowed=registers & came_in,
        note="required",
        hint=_("Only on the unit's letter: it withdrew it at its own instance, from which no package tells it."),
        danger=True,
    ),
)
"""The last at the bureau, on the unit's letter; the others at the unit's own instance, as the bureau's file is read
or by hand on the bureau's word."""
