"""Tax relief of cash rewards (现金奖励税收优惠): who got what when and by when it was to be paid, its papers, and all
of them that are here as one archive with an index of what is not."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.rights.models import Distribution, DistributionMember, Sharer, Way
from kezhuan.areas.rights.permissions import keeps_money
from kezhuan.engines.days import months_after
from kezhuan.engines.money import yuan
from kezhuan.engines.tables.writing import csv_lines
from kezhuan.exchange.models import Signature
from kezhuan.kernel import journal, rulebook
from kezhuan.kernel.access import Actor, can_view, groups_seen, region_of
from kezhuan.kernel.contents import MEGABYTE
from kezhuan.kernel.disclosures import note_opened
from kezhuan.kernel.documents import documents_of, is_attachment, read_whole
from kezhuan.kernel.models import Document, Notice, Record, RuleValue
from kezhuan.kernel.notices import COMPLETED

TERM = "income.relief.term"
"""Rule value: months from the receipt within which a cash reward is paid for the relief; none ships, as the document
that sets it was not read."""
HERE, MISSING, OUTSIDE = "here", "missing", "outside"
LARGEST = 100 * MEGABYTE
"""Bytes of the files in an archive; what does not fit is named in its index by its hash."""
INDEX, PEOPLE = "目录.csv", "发放人员.csv"
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True)
class Paper:
    """A paper for the relief: its number or amount, and the files of it that a reader may open."""

    label: str
    number: str
    state: str
    files: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Rewarded:
    """Somebody's cash reward, and the last day on which it counts for the relief, where a rule value says one."""

    member: DistributionMember
    until: date | None

    @property
    def is_late(self) -> bool:
        """Whether it was paid after that day."""
        paid = self.member.paid_on
        return paid is not None and self.until is not None and paid > self.until


def term_of(row: Distribution) -> RuleValue | None:
    """The rule value in force on the day of the receipt at the unit's place; None where there is none."""
    return rulebook.rule_or_none(TERM, on=row.received_on, jurisdiction=region_of(row))


def rewarded_in(row: Distribution, term: RuleValue | None) -> list[Rewarded]:
    """Everybody who gets a cash reward: owners under a grant get what is theirs, and no reward."""
    until = months_after(row.received_on, int(term.value)) if term is not None else None
    people = row.members.exclude(role=Sharer.OWNER).filter(fen__gt=0) if row.way == Way.RECEIPT else ()
    return [Rewarded(one, until) for one in people]


# -- papers ------------------------------------------------------------------------------------------------------------


def papers_of(actor: Actor, row: Distribution) -> list[Paper]:
    """What the office puts together, as a university lists it, and what of it is here; with the files that the actor
    may open."""
    contract = Contract.objects.filter(pk=row.contract_id).select_related("record").first()
    notice = Notice.objects.filter(about=row.record, record__stage=COMPLETED).select_related("record").first()
    signed = (
        Signature.objects.filter(record=row.pk).select_related("printed", "document__record").order_by("-pk").first()
    )
    rights = row.achievement.achievement.rights.exclude(number="").values_list("number", flat=True)
    own, sheet = _opened(actor, row.record), signed.document_id if signed is not None else None
    sheets = tuple(one for one in own if one.pk == sheet)
    vouchers = tuple(one for one in own if is_attachment(one) and one.pk != sheet)
    of_contract = _contract_says(actor, row, contract)
    held = (
        (_("Registration of the technology contract"), of_contract["reg_no"],
         _opened(actor, contract.record) if contract is not None else ()),
        # A total that was open when it was registered is registered by a change before taxes are relieved.
        *([(_("Total of the contract, registered by a change"), of_contract["registered_turnover_fen"], ())]
          if contract is not None and contract.undetermined else []),
        (_("Certificate of the right"), "、".join(rights), ()),
        (_("Voucher of the receipt"), row.reference, vouchers),
        (_("Notice with achievement, people and amounts"), notice.record.code if notice is not None else "",
         _opened(actor, notice.record) if notice is not None else ()),
        (_("List of the distribution, printed and signed"), signed.printed.code if signed is not None else "", sheets),
    )  # fmt: skip
    return [
        *(Paper(what, number, HERE if number else MISSING, files) for what, number, files in held),
        Paper(_("Form that verifies the technology amount"), of_contract["registered_technology_fen"], OUTSIDE),
        Paper(_("Filing form of the tax office (备案表)"), "", OUTSIDE),
    ]


def _opened(actor: Actor, record: Record) -> tuple[Document, ...]:
    rows = documents_of(record, groups_seen(actor, record)).select_related("record")
    return tuple(rows.order_by("pk"))


def _contract_says(actor: Actor, row: Distribution, contract: Contract | None) -> dict[str, str]:
    """Number and amounts of the registered contract, for whoever reads it or keeps the money that came of it: who gets
    a share need not."""
    names = ("reg_no", "registered_turnover_fen", "registered_technology_fen")
    if contract is None:
        return dict.fromkeys(names, "")
    number, *amounts = (getattr(contract, name) for name in names)
    said = [number, *(yuan(fen) if fen is not None else "" for fen in amounts)]
    read = keeps_money.test(actor, row) or can_view(actor, contract.record, "full")
    return {name: text if read or not text else _("not yours to read") for name, text in zip(names, said, strict=True)}


# -- the archive -------------------------------------------------------------------------------------------------------


def pack_papers(*, actor: Actor, row: Distribution) -> tuple[str, bytes]:
    """The name and the bytes of an archive of the papers: an index of what is here and what is not, the list of
    people, and the files that the actor may open; that it was taken is an entry of the journal. In Chinese whatever
    the reader's language. Raises `Refused` where bytes are gone or damaged."""
    term, written = term_of(row), io.BytesIO()
    with translation.override("zh-hans"):
        papers = papers_of(actor, row)
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as folder:
            lines = list(_filed(folder, papers))
            head = ["序号", "材料", "状态", "编号或金额", "文件", "SHA-256", "说明"]
            folder.writestr(INDEX, b"".join(csv_lines(head, lines)))
            folder.writestr(PEOPLE, _people(row, term))
    content = written.getvalue()
    with journal.writing():
        for paper in papers:
            for one in paper.files:
                note_opened(actor, one)
        data = {"count": len(lines), "sha256": hashlib.sha256(content).hexdigest()}
        journal.note("distribution.papers", record=row.record, actor=actor, data=data)
    return f"{row.record.code}-现金奖励税收优惠材料.zip", content


def _filed(folder: zipfile.ZipFile, papers: Sequence[Paper]) -> Iterator[list[Any]]:
    """Put the files in; the lines of the index, one for each file, and one for a paper without any."""
    words, size = {HERE: "已有", MISSING: "缺", OUTSIDE: "须从外部取得"}, 0
    for number, paper in enumerate(papers, 1):
        head = [number, paper.label, words[paper.state], paper.number]
        if not paper.files:
            yield [*head, "", "", "此处只有编号，没有文件" if paper.state == HERE else "不在此处"]
        for place, one in enumerate(paper.files, 1):
            if size + one.size > LARGEST:
                yield [*head, "", one.sha256, f"文件“{one.name}”未放入：压缩包已达上限"]
                continue
            name = f"{number:02}-{place:02}-{_UNFIT.sub('_', one.name)[-120:]}"
            folder.writestr(name, read_whole(one))
            size += one.size
            yield [*head, name, one.sha256, ""]


def _people(row: Distribution, term: RuleValue | None) -> bytes:
    source = term.source if term is not None else "没有规定发放期限的规则值"
    lines = [
        [one.member.number, one.member.name, str(one.member.get_role_display()), yuan(one.member.fen or 0),
         one.member.paid_on or "", one.member.voucher, one.until or "", source]
        for one in rewarded_in(row, term)
    ]  # fmt: skip
    head = ["序号", "姓名", "贡献身份", "现金奖励(元)", "发放日期", "凭证号", "最迟发放日期", "期限依据"]
    return b"".join(csv_lines(head, lines))
