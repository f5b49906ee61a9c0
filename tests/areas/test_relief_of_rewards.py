"""The papers for the tax relief of cash rewards: everybody's reward with its days, what is here, and the archive."""

import csv
import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from kezhuan.areas.rights.distribution_actions import Share, pay_share
from kezhuan.areas.rights.models import Distribution, Sharer, Way
from kezhuan.areas.rights.relief import HERE, INDEX, MISSING, OUTSIDE, PEOPLE, TERM, papers_of
from kezhuan.engines.days import months_after
from kezhuan.kernel.access import GROUPS
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.models import Entry
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from kezhuan.web.templatetags.kezhuan import day
from tests.areas.crawling import client_of
from tests.factories import city, receipts
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


AMOUNTS = {
    "turnover": 200_000_000, "technology": 200_000_000, "deductions": {}, "instalments": (200_000_000,),
    "payment": "once",
}  # fmt: skip


class Office:
    """A university's finance and legal office, and a settled receipt of a registered contract."""

    def __init__(self, **more):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.finance, self.member = city.member(self.unit, Role.FINANCE), city.member(self.unit)
        about = city.achievement(self.unit, stage="listed")
        keeper = city.member(self.unit, Role.ADMINISTRATOR)
        self.contract = city.contract(self.unit, by=keeper, stage="registered", about=about, **AMOUNTS)
        given = {"about": about, "stage": "settled", "contract": self.contract.record}
        self.row = fresh(receipts.receipt(self.unit, self.finance, **(given | more)))
        self.code = self.row.record.code

    def page(self, by=None):
        return client_of(by or self.finance).get(reverse("distribution-relief", args=[self.code]))

    def pay(self, number, on):
        pay_share(actor=self.finance, row=fresh(self.row), number=number, on=on, voucher=f"付{number}")

    def archive(self, by=None):
        return client_of(by or self.finance).post(reverse("distribution-papers", args=[self.code]))


def fresh(row):
    audiences = (f"record__{group}_to" for group in GROUPS)
    return Distribution.objects.select_related("record__owner", "achievement", "unit", *audiences).get(pk=row.pk)


def term(months=36):
    city.rule(TERM, months, "months")


def test_everybody_s_cash_reward_is_listed_with_its_days_and_no_term_is_invented():
    office = Office()
    office.pay(1, today())
    page = office.page()
    words = page.content.decode()
    assert page.status_code == 200
    assert [[str(cell) for cell in row] for row in page.context["people"].rows] == [
        ["韩主要", "main contributor", "472,500.00", day(today()), "付1", ""],
        ["柳其他", "other contributor", "157,500.00", "", "", ""],
    ]
    assert "No rule value says by which day" in words
    assert (
        reverse("distribution-relief", args=[office.code])
        in client_of(office.finance).get(reverse("distribution", args=[office.code])).content.decode()
    )


def test_a_rule_value_says_by_which_day_and_what_came_after_it():
    office = Office(received_on=today() - timedelta(days=70))
    term(2)
    until = months_after(office.row.received_on, 2)
    assert until < today()
    office.pay(1, until)
    office.pay(2, until + timedelta(days=1))
    page = office.page()
    first, second = (row[-1] for row in page.context["people"].rows)
    assert (str(first), first.tag) == (day(until), None)
    assert str(second.tag.label) == "after the term"
    words = page.content.decode()
    assert "2 months" in words
    assert "No rule value says" not in words
    (row, _other) = taken(client_of(office.finance), f"/distributions/{office.code}/relief/", "csv")
    assert (row["Who"], row["Cash reward, in yuan"], row["To be paid for the relief by"]) == (
        "韩主要", "472,500.00", until.isoformat(),
    )  # fmt: skip
    told = client_of(office.finance).get(f"/api/v1/distributions/{office.code}/relief").json()
    assert (told["term_months"], told["received_on"]) == (2, office.row.received_on.isoformat())
    assert told["people"][1] == {
        "number": 2, "name": "柳其他", "role": "other", "fen": 15_750_000, "voucher": "付2",
        "paid_on": (until + timedelta(days=1)).isoformat(), "until": until.isoformat(),
    }  # fmt: skip
    assert {one["state"] for one in told["papers"]} == {HERE, MISSING, OUTSIDE}


def test_owners_and_whoever_gets_nothing_are_no_rewarded_and_other_ways_have_no_papers():
    office = Office(members=(Share("韩主要", "main", 3), Share("柳其他", "other", 1)))
    office.row.members.filter(number=2).update(role=Sharer.OWNER)
    assert [str(row[0]) for row in office.page().context["people"].rows] == ["韩主要"]
    office.row.members.filter(number=1).update(fen=0)
    assert office.page().context["people"].rows == ()
    Distribution.objects.filter(pk=office.row.pk).update(way=Way.EQUITY)
    assert office.page().status_code == office.archive().status_code == 404
    assert client_of(office.finance).get(f"/api/v1/distributions/{office.code}/relief").status_code == 404


def test_the_archive_holds_what_is_here_and_an_index_of_what_is_not():
    office = Office()
    office.pay(1, today())
    attach_document(
        actor=office.finance,
        record=fresh(office.row).record,
        upload=Upload("凭证.txt", "到账".encode(), True),
        group="inner",
    )
    answer = office.archive()
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    content = answer.content
    folder = zipfile.ZipFile(io.BytesIO(content))
    read = {name: list(csv.DictReader(io.StringIO(folder.read(name).decode("utf-8-sig")))) for name in (INDEX, PEOPLE)}
    by_paper = {row["材料"]: row for row in read[INDEX]}
    voucher = by_paper["到账凭证"]
    assert (voucher["状态"], voucher["编号或金额"]) == ("已有", "收字1号")
    assert folder.read(voucher["文件"]).decode() == "到账"
    assert voucher["SHA-256"] == hashlib.sha256("到账".encode()).hexdigest()
    registered = next(row for row in read[INDEX] if row["编号或金额"] == office.contract.reg_no)
    assert (registered["状态"], registered["文件"], registered["说明"]) == ("已有", "", "此处只有编号，没有文件")
    assert [row["状态"] for row in read[INDEX]][-2:] == ["须从外部取得"] * 2
    assert any((row["状态"], row["说明"]) == ("缺", "不在此处") for row in read[INDEX])
    assert set(folder.namelist()) == {INDEX, PEOPLE, *(row["文件"] for row in read[INDEX] if row["文件"])}
    assert [(row["姓名"], row["现金奖励(元)"], row["发放日期"], row["最迟发放日期"]) for row in read[PEOPLE]] == [
        ("韩主要", "472,500.00", today().isoformat(), ""), ("柳其他", "157,500.00", "", ""),
    ]  # fmt: skip
    assert read[PEOPLE][0]["期限依据"] == "没有规定发放期限的规则值"
    noted = Entry.objects.get(kind="distribution.papers")
    assert noted.data["sha256"] == hashlib.sha256(content).hexdigest()


def test_files_go_along_as_far_as_their_reader_may_open_them_and_no_name_leaves_its_readers():
    office = Office(members=(Share("=韩", "main", 1),))
    upload = Upload("合同.txt", "内部".encode(), True)
    keeper = city.member(office.unit, Role.ADMINISTRATOR)
    attach_document(actor=keeper, record=office.contract.record, upload=upload, group="inner")
    of_contract = papers_of(keeper, office.row)[0]
    assert [one.name for one in of_contract.files] == ["合同.txt"]
    assert papers_of(office.finance, office.row)[0].files == ()
    rival = city.member(city.organisation(), Role.FINANCE)
    told = {one.label: (one.number, one.state) for one in papers_of(office.finance, office.row)}
    hidden = {one.label: (one.number, one.state) for one in papers_of(rival, office.row)}
    assert told["Registration of the technology contract"] == (office.contract.reg_no, HERE)
    assert hidden["Registration of the technology contract"] == ("not yours to read", HERE)
    assert told["Form that verifies the technology amount"] == ("2,000,000.00", OUTSIDE)
    assert hidden["Form that verifies the technology amount"] == ("not yours to read", OUTSIDE)
    folder = zipfile.ZipFile(io.BytesIO(office.archive().content))
    assert "'=韩" in folder.read(PEOPLE).decode()
    for stranger in (rival, city.officer(), office.member):
        assert office.page(stranger).status_code == office.archive(stranger).status_code == 404
    assert Entry.objects.filter(kind="distribution.papers").count() == 1


def test_a_file_that_does_not_fit_is_named_with_its_hash(monkeypatch):
    office = Office()
    attach_document(
        actor=office.finance, record=fresh(office.row).record, upload=Upload("大.txt", b"12345", True), group="inner"
    )
    monkeypatch.setattr("kezhuan.areas.rights.relief.LARGEST", 4)
    folder = zipfile.ZipFile(io.BytesIO(office.archive().content))
    index = folder.read(INDEX).decode()
    assert hashlib.sha256(b"12345").hexdigest() in index
    assert "大.txt" in index
    assert "压缩包已达上限" in index
    assert not [name for name in folder.namelist() if "大" in name]
