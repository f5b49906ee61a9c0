"""What an evidence file tells of the contract that a decision rests on, and of what was paid under it.

Not everybody who reads the file reads these: what the form says, its title and number with it, its files, and what is
to be paid and was paid, with vouchers, are told by hashes; of a payment together with what was agreed on, for it could
be guessed else.
"""

from datetime import date
from typing import Any

from kezhuan.areas.agreements.models import Agreement, AgreementPayment
from kezhuan.areas.contracts.models import Contract, columns_of, form_of
from kezhuan.areas.evidence.actions import documents_told, part_hash
from kezhuan.kernel.models import Record


def contract_told(row: Any) -> dict[str, Any]:
    """The contract of what was decided on by its code, or where there is none the agreement under which was paid, which
    may be what was decided on."""
    record: Record | None = getattr(row, "contract", None)
    payment: AgreementPayment | None = getattr(row, "payment", None)
    paid_under = row.pk if isinstance(row, Agreement) else payment.version.agreement_id if payment is not None else None
    found = Contract.objects.filter(pk=record.pk).select_related("record").first() if record is not None else None
    if found is None or record is None:
        held = Record.objects.filter(pk=paid_under).first() if paid_under is not None else None
        named = {"code": held.code, "stage": held.stage} if held is not None else {}
        return named and named | {"payments_sha256": _payments(paid_under, {})}
    form = _form(found)
    return {
        "code": record.code,
        "stage": record.stage,
        "form_sha256": part_hash(form),
        "files_sha256": [one["sha256"] for one in documents_told(record)],
        "certificates_sha256": [one.sha256 for one in found.certificates.order_by("version")],
        "payments_sha256": _payments(found.agreement_id or paid_under, form),
    }


def _form(row: Contract) -> dict[str, Any]:
    """All that a contract's form says, its text among it, with title and number."""
    said = columns_of(form_of(row)) | {"title": row.record.title, "reg_no": row.reg_no}
    return {name: one.isoformat() if isinstance(one, date) else one for name, one in said.items() if name != "text_key"}


def _payments(agreement: int | None, form: dict[str, Any]) -> list[str]:
    """The hash of each payment of an agreement, with the terms of its version and the form of its contract."""
    rows = AgreementPayment.objects.filter(version__agreement=agreement).order_by("version", "number")
    told = rows.values_list(
        "version__terms", "version__number", "number", "what", "due_on", "planned_fen", "invoice", "paid_on",
        "paid_fen", "voucher",
    )  # fmt: skip
    return [part_hash({"form": form, "payment": [str(one) for one in payment]}) for payment in told]
