"""What the page of a contract says at its unit's own instance: what has to be sent to the bureau, and the letter that
tells of a withdrawal, which no package carries."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.permissions import reads_answers
from kezhuan.areas.contracts.queries import filed_of
from kezhuan.areas.filings.permissions import hands_over
from kezhuan.engines.official import Paper
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.contents import WORD
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.history import told_to
from kezhuan.kernel.models import Entry, Filing
from kezhuan.kernel.text import SHANGHAI
from kezhuan.web.components import Fact
from kezhuan.web.exports import file_answer
from kezhuan.web.middleware import Request

WITHDRAWN = "contract.withdraw"
_ENDS = (WITHDRAWN, "contract.submit", "contract.answered-refusal")
"""Of what was filed, the last of these says whether the bureau has to be told."""


def withdrawal_of(row: Contract) -> Entry | None:
    """The step by which the unit withdrew what it filed, unless it has handed it in again; also of a draft once
    more."""
    if row.record.stage not in {"withdrawn", "draft"}:
        return None
    ends = Entry.objects.filter(record=row.record, kind__in=_ENDS).select_related(
        "actor__record", "acting_for__record", "text"
    )
    last = ends.order_by("-seq").first()
    return last if last is not None and last.kind == WITHDRAWN else None


def to_be_sent(actor: Actor, row: Contract) -> list[Fact]:
    """What the bureau's instance does not know yet, and how it comes to know: a package, or a letter."""
    stage = row.record.stage
    if stage not in {"submitted", "changed", "withdrawn", "draft"} or not reads_answers.test(actor, row):
        return []
    if (filed := filed_of(row)) is None:
        return []
    if withdrawal_of(row) is not None:
        said = _("No package tells the bureau of a withdrawal. Send its registrars this letter (Word).")
        return [Fact(_("The bureau has to be told"), said, reverse("contract-withdrawal", args=[row.record.code]))]
    if filed.confirmed_on is not None or stage == "draft":
        return []
    said = _("Nobody there reads it yet: pack it for the bureau's instance, send the package, and read the receipt.")
    return [Fact(_("To be sent to the bureau"), said, reverse("filings-package") if hands_over(actor) else "")]


def _letter(actor: Actor, row: Contract, filed: Filing, withdrawal: Entry) -> bytes:
    """The bytes of a Word file by which the unit tells the bureau that it has withdrawn a contract."""
    why = "".join(one.note for one in told_to(actor, row.record, [withdrawal]))
    facts = [
        ("合同名称", row.record.title),
        ("本单位系统中的编号", row.record.code),
        ("卖方", " ".join(filter(None, (row.seller_name, row.seller_code)))),
        ("买方", " ".join(filter(None, (row.buyer_name, row.buyer_code)))),
        ("签订日期", f"{row.signed_on:%Y年%m月%d日}" if row.signed_on else ""),
        ("报送", f"第{filed.number}次，{filed.record.code}"),
        ("主管部门系统中的报送编号", filed.confirmed_as),
        ("撤回日期", f"{withdrawal.at.astimezone(SHANGHAI):%Y年%m月%d日}"),
        ("撤回原因", why),
    ]
    paper = Paper(f"{row.record.code} 撤回告知书").title("撤回技术合同认定登记申请告知书")
    paper.text("本单位已撤回下列技术合同的认定登记申请，请终止办理。")
    paper.table([one for one in facts if one[1]], (52, 104)).line()
    owner = row.record.owner
    paper.text(f"单位（盖章）：{owner.record.title if owner is not None else ''}").text("日期：")
    return paper.written()


@require_safe
def contract_withdrawal(request: Request, code: str) -> HttpResponse:
    """The letter by which a unit tells the bureau that it has withdrawn a contract, at its own instance."""
    row = get_visible(request.actor, Contract, code, related=("record__owner__record",))
    filed, withdrawal = filed_of(row), withdrawal_of(row)
    if not reads_answers.test(request.actor, row) or filed is None or withdrawal is None:
        raise Missing(code)
    return file_answer(f"{code}-撤回告知书.docx", _letter(request.actor, row, filed, withdrawal), WORD)
