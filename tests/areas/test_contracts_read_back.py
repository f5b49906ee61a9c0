"""A register exported, numbered outside and read back: row for row, once, and what does not agree is named."""

from copy import deepcopy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from kezhuan.areas.contracts import reading_actions
from kezhuan.areas.contracts.models import Contract
from kezhuan.engines.tables.opening import source_called
from kezhuan.exchange.models import Reading
from kezhuan.exchange.reading_actions import empty_old
from kezhuan.kernel import jobs
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import rows_for_all

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _made_city(django_db_setup, django_db_blocker):
    """Five contracts that passed, made once for all tests here."""
    with rows_for_all(django_db_blocker):
        unit = city.organisation("南粤大学", kind="university")
        keeper = city.member(unit, Role.ADMINISTRATOR)
        made = [city.contract(unit, by=keeper, stage="passed", name=f"合同{number}") for number in range(5)]
        assert len({row.technology_fen for row in made}) == 1
        yield made


@pytest.fixture
def rows(_made_city, db):
    return deepcopy(_made_city)


@pytest.fixture
def registrar(rows):
    return city.registrars()[0]


def numbered(registrar, tmp_path, cells=None):
    """The export of the registrar, with number and day in each row, and other cells as given: header → value by row."""
    answer = client_of(registrar).post(
        "/contracts/?stage=passed", {"export": "xlsx"}, headers={"accept-language": "zh"}
    )
    path = tmp_path / "登记.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    book = load_workbook(path)
    page = book.active
    headers = {cell.value: cell.column for cell in page[1]}
    names = [page.cell(row, headers["项目名称"]).value for row in range(2, page.max_row + 1)]
    for row, name in enumerate(names, 2):
        page.cell(row, headers["合同登记编号"], f"{names.index(name) + 1:016d}")
        page.cell(row, headers["登记日期"], today().isoformat())
        for header, values in (cells or {}).items():
            if name in values:
                page.cell(row, headers[header], values[name])
    book.save(path)
    return path


def read_back(**asked):
    """The rows once the job has read them."""
    kept = reading_actions.read_back(**asked)
    jobs.run_pending()
    return list(kept.rows.select_related("record"))


def outcomes(read):
    return {one.title: str(one.outcome) for one in read}


def test_a_numbered_register_matches_row_for_row_and_a_second_reading_changes_nothing(rows, registrar, tmp_path):
    path = numbered(registrar, tmp_path, {"技术交易额(万元)": {"合同3": 1}})
    source = source_called("登记.xlsx", content=path.read_bytes())
    checked = read_back(actor=registrar, source=source, only_check=True)
    assert not Record.objects.filter(kind="contract", stage="registered").exists()
    read = read_back(actor=registrar, source=source)
    assert outcomes(checked) == outcomes(read)
    assert outcomes(read) == {f"合同{n}": "differs" if n == 3 else "taken" for n in range(5)}
    (named,) = (one for one in read if one.outcome == "differs")
    assert named.record_id == rows[3].pk
    assert "53.721152" in named.reason
    kept = {one.record.title: one for one in Contract.objects.select_related("record")}
    assert {name: one.record.stage for name, one in kept.items()} == {
        f"合同{n}": "passed" if n == 3 else "registered" for n in range(5)
    }
    for one in read:
        if one.outcome == "taken":
            row = kept[one.title]
            assert (row.registered_on, row.registered_turnover_fen) == (today(), row.turnover_fen)
            assert row.registered_technology_fen == row.technology_fen
    entries = Entry.objects.count()
    again = read_back(actor=registrar, source=source)
    assert outcomes(again) == {f"合同{n}": "differs" if n == 3 else "same" for n in range(5)}
    assert Entry.objects.count() == entries
    (taken,) = (one for one in read_back(actor=registrar, source=source, take_amounts=True) if one.title == "合同3")
    assert (taken.outcome, taken.record.contract.registered_technology_fen) == ("taken", 1_000_000)


def test_a_row_is_known_without_the_platforms_code_by_name_parties_and_day(rows, registrar, tmp_path):
    codes = dict.fromkeys((f"合同{n}" for n in range(5)), "")
    path = numbered(registrar, tmp_path, {"平台编号": codes, "项目名称": {"合同0": "改名", "合同1": "合同2"}})
    read = read_back(actor=registrar, source=source_called("登记.xlsx", content=path.read_bytes()))
    assert sorted(str(one.outcome) for one in read) == ["differs", "taken", "taken", "taken", "unknown"]


def test_a_contract_that_was_registered_otherwise_is_named_and_not_changed(rows, registrar, tmp_path):
    path = numbered(registrar, tmp_path)
    source = source_called("登记.xlsx", content=path.read_bytes())
    read_back(actor=registrar, source=source)
    Contract.objects.filter(pk=rows[0].pk).update(registered_turnover_fen=99_999_999_999)
    (named,) = (one for one in read_back(actor=registrar, source=source) if one.outcome == "differs")
    assert named.record_id == rows[0].pk


def test_the_page_answers_every_row_and_registrars_alone_read_back(rows, registrar, tmp_path):
    path = numbered(registrar, tmp_path, {"登记日期": {"合同4": "昨天"}})
    sent = SimpleUploadedFile("登记.xlsx", path.read_bytes())
    browser = client_of(registrar)
    answer = browser.post("/contracts/read-back/", {"file": sent, "declared_open": "on", "only_check": "on"})
    assert answer.status_code == 302
    jobs.run_pending()
    (checked,) = Reading.objects.all()
    page = browser.get(f"/readings/{checked.pk}/").content.decode()
    assert page.count('class="tag ok"') == 5  # four rows, and their count
    assert "left out" in page
    assert not Record.objects.filter(kind="contract", stage="registered").exists()
    # What was checked is carried out from the rows that are kept: the file is not sent again.
    assert browser.post(f"/readings/{checked.pk}/carry-out/").status_code == 302
    jobs.run_pending()
    done = Reading.objects.latest("pk")
    assert (done.file_name, done.sha256, done.rows.filter(outcome="taken").count()) == ("登记.xlsx", checked.sha256, 4)
    assert "would be" not in browser.get(f"/readings/{done.pk}/").content.decode()
    assert Record.objects.filter(kind="contract", stage="registered").count() == 4
    assert client_of(city.officer()).get(f"/readings/{done.pk}/").status_code == 404
    empty_old(now())
    assert not done.rows.exclude(values={}).exists()
    assert browser.post(f"/readings/{checked.pk}/carry-out/").status_code == 409
    assert "/contracts/read-back/" in client_of(registrar).get("/contracts/").content.decode()
    keeper = city.member(rows[0].record.owner, Role.ADMINISTRATOR)
    assert client_of(keeper).get("/contracts/read-back/").status_code == 403
    with pytest.raises(NotAllowed):
        read_back(actor=keeper, source=source_called("登记.xlsx", content=path.read_bytes()))
