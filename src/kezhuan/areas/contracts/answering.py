"""What a bureau answers of what a unit filed at an instance of its own, beside a number: the columns of its file, and
the steps by which the unit's instance notes a supplement that is asked for, a refusal, and the end of a registration.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.contracts.models import REGISTERED
from kezhuan.areas.contracts.permissions import is_numbered, reads_answers
from kezhuan.engines.tables import Column
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
WAITING = ANSWERED_FROM - {"refused", "province"}
NOTED = {
    "supplementing": "answered-supplement",
    "refused": "answered-refusal",
    "amending": "answered-return",
    "cancelled": "answered-cancelled",
    "revoked": "answered-revoked",
}
"""The step at the unit, by the stage of the case at the bureau."""
STEPS = (
    Move(
        "answered-supplement",
        _("The bureau asks for a supplement"),
        source=WAITING - {"supplementing"},
        target="supplementing",
        allowed=reads_answers,
        note="required",
        hint=_("Complete the form, hand it in again here, and send the bureau the next package."),
    ),
    Move(
        "answered-refusal",
        _("The bureau does not register it"),
        source=WAITING | {"province"},
        target="refused",
        allowed=reads_answers,
        note="required",
        danger=True,
    ),
    Move(
        "answered-change",
        _("The bureau has registered the change"),
        source=frozenset({"changed"}),
        target="registered",
        allowed=reads_answers & is_numbered,
    ),
    Move(
        "answered-return",
        _("The bureau sends the change back"),
        source=frozenset({"changed"}),
        target="amending",
        allowed=reads_answers,
        note="required",
    ),
    Move(
        "answered-cancelled",
        _("The bureau has cancelled the registration"),
        source=REGISTERED,
        target="cancelled",
        allowed=reads_answers,
        note="required",
        danger=True,
    ),
    Move(
        "answered-revoked",
        _("The bureau has revoked the registration"),
        source=REGISTERED,
        target="revoked",
        allowed=reads_answers,
        note="required",
        danger=True,
    ),
)
"""Taken as the bureau's file is read, or by hand on the bureau's word."""
