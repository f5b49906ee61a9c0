"""The registrar's desk: the contract's text beside its form, and what should be looked at twice."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.contracts.flags import flags_of
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.permissions import is_party, reads_back, registers
from kezhuan.areas.contracts.queries import told_in_form
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.kernel import followers
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Identifier, Record
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db


def flagged(actor, row):
    followers.run_pending()
    return flags_of(actor, row)


def test_the_desk_shows_the_text_beside_the_form_with_each_reason_and_clause(unit, keeper):
    row, registrar = city.contract(unit, by=keeper, stage="draft", text="", form="written"), city.registrars()[0]
    paper = "本合同的目标与验收另行约定。" * 5
    attach_document(actor=keeper, record=row.record, upload=Upload("合同.txt", paper.encode(), True))
    row = advance(CONTRACT, row, "submit", actor=keeper)
    Contract.objects.filter(pk=row.pk).update(kind="development", deductions={"parts": 1}, disputed=True)
    page = client_of(registrar).get(f"/contracts/{row.record.code}/desk/").content.decode()
    # The files' words are searched for the clauses: goal and acceptance are there, disputes are not.
    assert "本合同的目标与验收另行约定" in page
    assert "The text does not speak of how disputes are settled" in page
    assert "The text does not speak of a clear goal" not in page
    assert "the form says CNY" in page
    assert "253号" in page
    # What runs stands above the buttons, which a line of their own parts from it.
    advance(CONTRACT, row, "accept", actor=registrar)
    page = client_of(registrar).get(f"/contracts/{row.record.code}/desk/").content.decode()
    assert 0 < page.index('<li class="clock">') < page.index("/moves/classify/")
    assert client_of(keeper).get(f"/contracts/{row.record.code}/desk/").status_code == 403


def test_a_unit_reads_first_what_the_registrars_ask_for_while_its_contract_waits_for_it(unit, keeper):
    row, registrar = city.contract(unit, by=keeper, stage="submitted"), city.registrars()[0]
    seen = client_of(keeper)
    page = f"/contracts/{row.record.code}/"
    assert seen.get(page).context["last_word"] is None
    advance(CONTRACT, row, "ask-supplement", actor=registrar, note="请补充验收标准")
    answer = seen.get(page)
    assert answer.context["last_word"].note == "请补充验收标准"
    assert "请补充验收标准" not in [one.value for one in answer.context["facts"]]  # it is said once, at the head
    assert "<b>Asked for a supplement</b>" in answer.content.decode()


def test_the_form_says_days_as_every_page_and_its_file_and_filing_as_the_registry_reads_them(unit, keeper):
    row, registrar = city.contract(unit, by=keeper, stage="submitted"), city.registrars()[0]
    Contract.objects.filter(pk=row.pk).update(signed_on=date(2026, 11, 16))
    said = {"zh-hans": "2026年11月16日", "en": "16 Nov 2026"}
    for language, day in said.items():
        for client, address in (
            (client_of(keeper), f"/contracts/{row.record.code}/"),
            (client_of(registrar), f"/contracts/{row.record.code}/desk/"),
        ):
            page = client.get(address, HTTP_ACCEPT_LANGUAGE=language).content.decode()
            assert (day in page, "2026-11-16" in page) == (True, False)
    fresh = Contract.objects.select_related("record").get(pk=row.pk)
    assert "2026-11-16" in dict(told_in_form(fresh)).values()


def test_a_kind_whose_clauses_are_not_known_says_so(unit, keeper):
    registrar, rows = city.registrars()[0], {}
    for kind, subkind in (
        ("service", "service-training"),
        ("consulting", "consulting-general"),
        ("licence", "licence-patent"),
    ):
        row = city.contract(unit, by=keeper, stage="submitted", kind=kind, subkind=subkind)
        pages = (
            client_of(keeper).get(f"/contracts/{row.record.code}/"),
            client_of(registrar).get(f"/contracts/{row.record.code}/desk/"),
        )
        rows[kind] = ["are not checked here" in page.content.decode() for page in pages]
    assert rows == {"service": [True, True], "consulting": [True, True], "licence": [False, False]}


def test_what_should_be_looked_at_twice_is_told_to_registrars_and_keeps_nothing_back(unit, keeper):
    text = "甲乙双方就电池寿命提升达成约定，包括目标、创新内容、技术指标、验收、争议解决与权属，" * 2
    first = city.contract(unit, by=keeper, stage="registered", text=text)
    other = city.organisation("另一大学", kind="university", region="440112")
    second = city.contract(other, stage="accepted", text=text, name="同文", related=True)
    registrar = city.registrars()[0]
    (flag,) = (one for one in flagged(registrar, second) if one.kind == "same-text")
    assert [one.pk for one in flag.contracts] == [first.pk]
    # A registrar of one district is told that there is one elsewhere, and not a word of it.
    district = city.officer("440112")
    assert [(one.contracts, one.unseen) for one in flagged(district, second) if one.kind == "same-text"] == [((), 1)]
    page = client_of(district).get(f"/contracts/{second.record.code}/desk/").content.decode()
    assert "and 1 other contract that is not yours to read" in page
    assert first.record.code not in page
    # So are files of the same words, where the forms hold no text.
    paper, filed = "关于轴承寿命提升的约定，包括目标、创新内容、技术指标、验收与争议解决，" * 3, []
    for owner in (unit, other):
        row = city.contract(owner, text="", name=f"{owner.record.title}的合同")
        keep = city.member(owner, Role.LEGAL)
        written = f"甲方：{row.buyer_name}。{paper}".encode() + b" " * len(filed)
        attach_document(actor=keep, record=row.record, upload=Upload("合同.txt", written, True))
        filed.append(advance(CONTRACT, row, "submit", actor=keep))
    (flag,) = (one for one in flagged(registrar, filed[1]) if one.kind == "same-text")
    assert [one.pk for one in flag.contracts] == [filed[0].pk]
    # Drafts are their unit's alone: a registrar is told of none.
    city.contract(other, text=text)
    assert [len(one.contracts) for one in flagged(registrar, second) if one.kind == "same-text"] == [1]
    assert first.record.code in client_of(registrar).get(f"/contracts/{second.record.code}/desk/").content.decode()
    assert advance(CONTRACT, second, "classify", actor=registrar).record.stage == "reviewing"


def test_who_acts_for_seller_or_buyer_beside_the_bureau_registers_nothing_of_it(unit, keeper):
    registrar, office = city.registrars()[0], city.registrars()[0].organisation
    firm = city.organisation("买方公司")
    Identifier.objects.create(record=firm.record, scheme="uscc", value="91440101MA59HUKE23")
    tied = city.member(office, Role.OFFICER)
    for one in (firm, city.organisation("无码研究会")):
        add_member(actor=SYSTEM, organisation=one, person=tied.person)
    tied = actor_for(tied.person, office.pk)
    row = city.contract(unit, by=keeper, stage="submitted")
    code, steps = row.record.code, {"ask-supplement", "accept", "refuse"}

    def offered(actor):
        row = Contract.objects.select_related("record__owner__record").get(record__code=code)
        assert registers.test(actor, row) == registers.among(actor, Contract.objects.filter(pk=row.pk)).exists()
        assert is_party.test(actor, row) == is_party.among(actor, Contract.objects.filter(pk=row.pk)).exists()
        return {move.name for move in CONTRACT.open_to(actor, row)}

    free = {f"{side}_{end}": "" for side in ("seller", "buyer") for end in ("code", "name")}
    for side in ("seller", "buyer"):
        for told, is_tied in (
            ({f"{side}_code": "91440101MA59HUKE23"}, True),
            ({f"{side}_name": "买方公司"}, True),
            ({f"{side}_name": "买方公司", f"{side}_code": "12440104455866048X"}, False),  # a namesake
            ({f"{side}_name": "无码研究会", f"{side}_code": "12440104455866048X"}, True),  # its code is not known here
            ({f"{side}_name": "无码研究会"}, True),
        ):
            Contract.objects.filter(pk=row.pk).update(**free | told)
            assert offered(tied) == (set() if is_tied else steps)
            assert offered(registrar) == steps
    Contract.objects.filter(pk=row.pk).update(**free | {"buyer_code": "91440101MA59HUKE23"})
    with pytest.raises(NotAllowed):
        advance(CONTRACT, Contract.objects.get(pk=row.pk), "accept", actor=tied)
    # What they act for is looked up once, however often they are asked about.
    someone = actor_for(tied.person, office.pk)
    with CaptureQueriesContext(connection) as asked:
        assert (offered(someone), offered(someone)) == (set(), set())
    assert sum("kernel_identifier" in one["sql"] for one in asked) == 1
    said = "You act for a party to this contract"
    assert said in client_of(tied).get(f"/contracts/{code}/").content.decode()
    assert said not in client_of(registrar).get(f"/contracts/{code}/").content.decode()
    Record.objects.filter(pk=row.pk).update(stage="passed")
    for page in ("registration/", "certify/"):
        assert client_of(tied).get(f"/contracts/{code}/{page}").status_code == 403
    assert client_of(registrar).get(f"/contracts/{code}/registration/").status_code == 200
    assert not reads_back(tied, Contract.objects.select_related("record").get(pk=row.pk))
