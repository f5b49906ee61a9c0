"""Experts are paid for what they judged; where to, themselves and the officers in charge of the pool alone read."""

import io

import pytest
from docx import Document

from kezhuan.areas.people.actions import SYSTEM
from kezhuan.areas.reviews.fee_actions import FEE, set_account, set_fees
from kezhuan.areas.reviews.models import Expert, Review
from kezhuan.kernel import holdings, journal
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from tests.areas.crawling import client_of
from tests.factories import city, reviews
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def codes(refused):
    return {problem.code for problem in refused.value.problems}


def test_fees_are_written_when_the_scores_are_closed_and_taken_along_with_accounts_for_whom_they_concern():
    officer, stranger = city.officer(), city.officer("440106")
    agency = city.organisation(kind="agency")
    call = reviews.closed_call(officer, city.organisation(kind="university"))
    for number in range(3):
        reviews.expert(f"专家{number}", by=officer)
    panel = reviews.panel(officer, call, agency=agency.record.code)
    first = reviews.asked(officer, panel)[0]
    with pytest.raises(Conflict):
        set_fees(actor=officer, panel=panel, fees={1: 50_000})
    panel = reviews.scored(officer, panel)
    with pytest.raises(NotAllowed):
        set_fees(actor=reviews.judge(first), panel=panel, fees={1: 50_000})
    for fees, said in (({9: 1}, "fee-expert-unknown"), ({1: -1}, "amount-negative")):
        with pytest.raises(Refused) as refused:
            set_fees(actor=officer, panel=panel, fees=fees)
        assert codes(refused) == {said}
    # The expert alone writes where it goes.
    own = reviews.judge(first)
    with pytest.raises(NotAllowed):
        set_account(actor=officer, expert=first.expert, bank="示例银行", account="62220000111122223")
    for bank, account, said in (("示例银行", "123", "account-digits"), ("", "6222000011112222", "account-incomplete")):
        with pytest.raises(Refused) as refused:
            set_account(actor=own, expert=first.expert, bank=bank, account=account)
        assert codes(refused) == {said}
    mine = f"/experts/{first.expert.record.code}/account/"
    typed = {"bank": "示例银行", "account": "6222 0000-1111 2222"}
    assert client_of(own).post(mine, typed).status_code == 302
    assert Expert.objects.get(pk=first.expert_id).account == "6222000011112222"
    # A rate in force begins the sheet; what is typed counts.
    city.rule(FEE, 30_000, "fen")
    page, browser = f"/panels/{panel.record.code}/fees/", client_of(officer)
    assert 'value="300.00"' in browser.get(page).content.decode()
    answer = browser.post(page, {"fee_1": "500", "fee_2": "400.00", "fee_3": ""})
    assert answer.url == page
    assert list(Review.objects.order_by("number").values_list("fee_fen", flat=True)) == [50_000, 40_000, None]
    lines = taken(browser, page, "csv")
    assert [(one["Items judged"], one["Fee (yuan)"]) for one in lines] == [("1", "500.00"), ("1", "400.00"), ("1", "")]
    assert [one["Account"] for one in lines] == ["6222000011112222", "", ""]
    sheet = Document(io.BytesIO(browser.get(f"{page}sheet/").content))
    told = [[cell.text for cell in row.cells] for row in sheet.tables[1].rows]
    assert told[1][3:] == ["1", "500.00", "示例银行　6222000011112222", ""]
    assert told[-1] == ["合计", "", "", "3", "900.00", "", ""]
    assert sheet.core_properties.author == ""
    runner = client_of(city.member(agency))
    others = Document(io.BytesIO(runner.get(f"{page}sheet/").content)).tables[1]
    assert [row.cells[5].text for row in others.rows[1:]] == ["", "", "", ""]
    assert [one["Account"] for one in taken(runner, page, "csv")] == ["", "", ""]
    assert client_of(stranger).get(page).status_code == 404
    # With its holder it is forgotten.
    with journal.writing():
        holdings.forget(own.person, SYSTEM)
    assert Expert.objects.get(pk=first.expert_id).account == ""
