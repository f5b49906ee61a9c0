"""`./kezhuan import`: words, exit codes and what is printed."""

import gzip
import json
import secrets
from pathlib import Path

import openpyxl
import pytest

from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.people.actions import SYSTEM, register_organisation
from kezhuan.config.commands import import_, imports, undo_import
from kezhuan.exchange.kinds import importables
from kezhuan.exchange.models import Import
from kezhuan.kernel import search
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.models import Record
from kezhuan.kernel.search import Asked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_index(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path / "data"
    for command in (import_, imports, undo_import):
        monkeypatch.setattr(command, "bring_up_to_date", lambda: True)
    search.forget_live_index()
    yield
    search.forget_live_index()


@pytest.fixture
def results(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("编号,名称,摘要\nA1,碳化硅抛光,低缺陷衬底\nA2,,\nA3,水稻育种,耐盐\n", encoding="utf-8")
    return str(path)


def test_counts_are_printed_as_json_and_bad_rows_are_said(results, capsys):
    assert import_.run(["achievements", results, "--json", "--quiet"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "read": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
    }
    assert "results.csv" in said.err
    assert "3" in said.err


def test_a_file_that_breaks_off_is_told_apart_from_its_bad_rows(tmp_path, capsys):
    rows = "".join(
        f"A{n},{'' if n % 40 else '碳化硅'}{secrets.token_hex(99) if n % 40 == 0 else ''}\n" for n in range(3000)
    )
    packed = gzip.compress(f"编号,名称\n{rows}".encode())
    path = tmp_path / "results.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    assert import_.run(["achievements", str(path), "--json", "--quiet", "--no-match", "--lang", "en"]) == 0
    said = capsys.readouterr()
    counts = json.loads(said.out)
    assert counts["incomplete"] == ["results.csv.gz"]
    assert counts["read"] == counts["created"] + counts["rejected"]
    lines = said.err.splitlines()
    assert "and " in lines[import_.MOST_SHOWN]
    assert "the file breaks off here" in lines[import_.MOST_SHOWN + 1]
    assert Import.objects.get().rejects.count() == counts["rejected"]


def test_records_are_found_and_suggested_afterwards(results, tmp_path):
    needs = tmp_path / "needs.jsonl"
    needs.write_text(json.dumps({"qid": "N1", "text": "大尺寸碳化硅衬底抛光缺陷高"}), encoding="utf-8")
    assert import_.run(["achievements", results, "--quiet"]) == 0
    assert import_.run(["needs", str(needs), "--quiet"]) == 0
    assert search.search(VISITOR, Asked("水稻")).total == 1
    assert Suggestion.objects.get().supply.title == "碳化硅抛光"
    assert (tmp_path / "data" / "index" / "CURRENT").is_file()


def test_sheets_that_are_not_read_are_said(tmp_path, capsys):
    book = openpyxl.Workbook()
    for name, title in (("需求", "碳化硅衬底"), ("成果", "碳化硅抛光"), ("说明", "")):
        sheet = book.create_sheet(name)
        for row in [["编号", "名称"], [name, title]] if title else [["填写说明"]]:
            sheet.append(row)
    book.save(tmp_path / "two.xlsx")
    words = ["achievements", str(tmp_path / "two.xlsx"), "--quiet", "--no-match", "--lang", "en"]
    assert import_.run(words) == 0
    assert capsys.readouterr().err == "two.xlsx: sheet “成果” is read and “需求” left; --sheet names another.\n"
    assert Record.objects.get(kind="achievement").title == "碳化硅抛光"
    assert import_.run([*words, "--sheet", "需求"]) == 0
    assert capsys.readouterr().err == ""


def test_suggestions_pass_the_check_of_their_cell(tmp_path, capsys):
    path = tmp_path / "results.csv"
    path.write_text(
        "编号,名称,摘要,成熟度,成熟度标准,报价(万元)\nA,甲,乙,十二级半,9级,1\nB,甲,乙,六级半,9级,≤200\nC,甲,乙,十二级半,13级,1\n",
        encoding="utf-8",
    )
    assert import_.run(["achievements", str(path), "--quiet", "--no-match", "--lang", "en"]) == 2
    first, second, third = capsys.readouterr().err.splitlines()[:3]
    assert "Suggested" not in first
    assert second.endswith("Suggested: 成熟度 → 6；报价(万元) → 200.")
    assert third.endswith("Suggested: 成熟度 → 12.")


def test_a_file_of_which_no_row_could_be_used_is_unusable_input(tmp_path, capsys):
    path = tmp_path / "results.csv"
    path.write_text("编号,名称,摘要\nA1,,\nA2,,\n", encoding="utf-8")
    assert import_.run(["achievements", str(path), "--json", "--quiet", "--no-match", "--lang", "en"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["rejected"] == 2
    assert said.err.splitlines()[-1].startswith("Not one row could be used")


def test_errors_workbook_names_the_reason(results, tmp_path, capsys):
    from openpyxl import load_workbook

    out = tmp_path / "bad.xlsx"
    assert import_.run(["achievements", results, "--quiet", "--no-match", "--errors", str(out)]) == 0
    header, row = load_workbook(out).active.iter_rows(values_only=True)
    found = dict(zip(header, row, strict=True))
    assert (found["编号"], found["原行号 row"]) == ("A2", 3)
    assert found["原因 reason"]


def test_owner_by_name_owns_the_records(results):
    owner = register_organisation(actor=SYSTEM, name="云山大学", kind="university", stage="verified")
    assert import_.run(["achievements", results, "--owner", "云山大学", "--quiet", "--no-match"]) == 0
    assert set(Record.objects.filter(kind="achievement").values_list("owner", flat=True)) == {owner.pk}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["achievements", "missing.csv"], "missing.csv"),
        (["achievements"], "--help"),
        (["patents", "x.csv"], "patents"),
        (["achievements", "{results}", "--owner", "nobody"], "nobody"),
        (["organisations", "{results}", "--owner", "nobody"], "--owner"),
        (["achievements", "{results}", "--source", "uscc"], "--source"),
        (["achievements", "{results}", "--errors", "{results}"], "results.csv"),
        (["achievements", "{results}", "--errors", "out.docx"], "out.docx"),
        (["achievements", "{results}", "--sheet", "x"], "results.csv"),
    ],
)
def test_unusable_input_is_one_sentence_and_code_2(words, sentence, results, capsys):
    assert import_.run([word.format(results=results) for word in [*words, "--lang", "en"]]) == 2
    said = capsys.readouterr()
    lines = [line for line in said.err.splitlines() if line]
    assert len(lines) == 1
    assert sentence in lines[0]
    assert Record.objects.count() == 0


@pytest.mark.parametrize("name", ["清单（机密）.csv", "绝密-清单.csv", "成果（机密）x.csv", "成果 机密.csv"])
def test_file_of_a_marked_name_is_refused_without_its_name(results, tmp_path, capsys, name):
    marked = tmp_path / name
    marked.write_text(Path(results).read_text(encoding="utf-8"), encoding="utf-8")
    for words in (["achievements", str(marked)], ["achievements", results, "--source", "密级：机密"]):
        assert import_.run([*words, "--lang", "en"]) == 2
        said = capsys.readouterr().err
        assert "State secrets must not enter" in said
        assert "密" not in said.replace("保密办", "")
    assert Import.objects.count() == 0
    assert Record.objects.count() == 0


def test_dry_run_leaves_index_and_database_alone(results, tmp_path, capsys):
    assert import_.run(["achievements", results, "--dry-run", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["created"] == 2
    assert Record.objects.count() == 0
    assert not (tmp_path / "data" / "index").exists()


def test_import_is_listed_and_undone_by_its_number(results, capsys):
    assert import_.run(["achievements", results, "--no-match", "--lang", "en"]) == 0
    number = Import.objects.get().pk
    assert f"./kezhuan undo-import {number} takes it back" in capsys.readouterr().err
    assert imports.run(["--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["id"], listed["state"], listed["created"], listed["rejected"]) == (number, "done", 2, 1)
    assert undo_import.run([str(number)]) == 0
    assert "2" in capsys.readouterr().out
    assert search.search(VISITOR, Asked("水稻")).total == 0
    assert undo_import.run([str(number)]) == 2
    assert undo_import.run([str(number + 1)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert imports.run([]) == 0
    assert "results.csv" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["", "x", "0", "-1", "1.5", "9" * 40])
def test_number_that_is_none_is_refused_in_one_sentence(word, capsys):
    with pytest.raises(SystemExit) as done:
        undo_import.run([word])
    assert done.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_kinds_named_on_the_command_line_are_those_that_areas_register():
    assert sorted(import_.KINDS) == sorted(f"{slug}s" for slug in importables())
