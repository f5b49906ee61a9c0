"""Certificates (登记证明): what one says, on paper and to whoever checks it; in Chinese, the language of papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from kezhuan.areas.contracts.models import Certificate, Contract
from kezhuan.areas.contracts.wording import column_label, entry
from kezhuan.engines.money import yuan
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import Content, code_from_typed, hash_of
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import SHANGHAI, clean

HEADING = "技术合同登记证明"
INVALID = "演示无效"
"""Stands on what a demo city prints."""
AGENCY = "登记机构"
HASH = "内容SHA-256"
Said = list[tuple[str, str]]


class Standing(StrEnum):
    """What a certificate is worth now."""

    ALTERED = "altered"
    VALID = "valid"
    CHANGING = "changing"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    VOID = "void"

    @property
    def words(self) -> Text:
        """In the reader's language."""
        return _WORDS[self]


_WORDS: dict[Standing, Text] = {
    Standing.ALTERED: _(
        "What is kept of this certificate is not what was certified: it does not count until the agency has looked into"
        " it."
    ),
    Standing.VALID: _("This certificate is valid."),
    Standing.CHANGING: _("This certificate is valid; a change of the registration is under way."),
    Standing.REPLACED: _("A later certificate of the same registration has taken the place of this one."),
    Standing.CANCELLED: _("The registration was cancelled: this certificate is no longer valid."),
    Standing.REVOKED: _("The registration was revoked: this certificate is no longer valid."),
    Standing.VOID: _("The registration is void: this certificate is not valid."),
}
_BY_STAGE = {
    "registered": Standing.VALID, "amending": Standing.CHANGING, "changed": Standing.CHANGING,
    "cancelled": Standing.CANCELLED, "revoked": Standing.REVOKED,
}  # fmt: skip


def is_agency() -> bool:
    """Whether this city registers contracts itself."""
    return bool(settings.REGISTRATION_AGENCY and settings.REGISTRATION_NUMBERS)


def certified(row: Contract, version: int, moment: datetime) -> Said:
    """The lines of a contract's certificate: both amounts stand on it, each by its name."""
    day = in_words(moment.astimezone(SHANGHAI).date())
    with override("zh-hans"):
        lines = [
            (INVALID, "本证明由示范系统生成，仅供演示，没有任何效力。" if settings.DEMO_CITY else ""),
            ("证明编号", f"{row.reg_no}-{version}"),
            (column_label("reg_no"), row.reg_no),
            (column_label("name"), row.record.title),
            (column_label("kind"), entry("kinds", row.kind)),
            ("卖方", row.seller_name),
            ("买方", row.buyer_name),
            (column_label("signed_on"), in_words(row.signed_on) if row.signed_on else ""),
            (column_label("registered_on"), in_words(row.registered_on) if row.registered_on else ""),
            (column_label("turnover"), _in_yuan(row.registered_turnover_fen)),
            (column_label("technology"), _in_yuan(row.registered_technology_fen)),
            (AGENCY, settings.REGISTRATION_AGENCY),
            ("发证日期", day),
        ]
    return [(str(label), str(text)) for label, text in lines if text]


def digest_of(record: Record, said: Sequence[tuple[str, str]]) -> str:
    """The SHA-256 of what a certificate says, by which its code is made and it is checked."""
    return hash_of(record, Content("", "", tuple(said)))


def _in_yuan(fen: int | None) -> str:
    return f"{yuan(fen)} 元" if fen is not None else "待定"


def standing_of(certificate: Certificate) -> Standing:
    """What a certificate is worth now, by what was certified, its contract and the certificates after it; one query."""
    said = tuple((label, text) for label, text in certificate.said)
    if digest_of(certificate.contract.record, said) != certificate.sha256:
        return Standing.ALTERED
    if certificate.contract.certificates.filter(version__gt=certificate.version).exists():
        return Standing.REPLACED
    return _BY_STAGE.get(certificate.contract.record.stage, Standing.VOID)


@dataclass(frozen=True)
class Checked:
    """A certificate as somebody found it, and what it is worth."""

    certificate: Certificate
    standing: Standing


def check_certificate(number: str, code: str) -> Checked | None:
    """The certificate of a number with a code, both as they stand on paper; None when the two are of none."""
    rows = Certificate.objects.select_related("contract__record")
    found = rows.filter(code=code_from_typed(code)).first()
    if found is None or clean(number).replace(" ", "") != found.number:
        return None
    return Checked(found, standing_of(found))


def shown_of(certificate: Certificate) -> Said:
    """What is shown of a certificate: its lines, and the SHA-256 of them."""
    return [*((label, text) for label, text in certificate.said), (HASH, certificate.sha256)]


def drawn_certificate(certificate: Certificate, address: str) -> bytes:
    """The certificate as a PDF with the address at which it is checked; the same bytes whenever it is drawn."""
    # inline: the library takes a fifth of a second, which every command would need to start
    from kezhuan.engines.printed import Version, sheet

    asked = urlencode({"number": certificate.number, "code": certificate.code})
    version = Version(
        code=certificate.code,
        square=lambda _number, _count: f"{address}?{asked}",
        lines=(f"核验：{address}", "凭证明编号与版本码核验真伪，或扫描方码", f"{HASH}：{certificate.sha256}"),
        page=lambda number, count: f"版本码　第 {number} 页，共 {count} 页",
    )
    said = [(label, text) for label, text in certificate.said]
    demo = any(label == INVALID for label, _text in said)
    signed = (f"{dict(said)[AGENCY]}（盖章）：",)
    heading = f"{HEADING}（{INVALID}）" if demo else HEADING
    return sheet(heading, certificate.number, said, signed, version, certificate.issued_at)
