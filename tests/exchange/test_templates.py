"""Workbooks to fill in: lists to choose from, a note on every header, an example that is left out again."""

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from kezhuan.config.commands import template
from kezhuan.engines.tables.cells import read_cell
from kezhuan.exchange.importing import Importer
from kezhuan.exchange.kinds import importables
from kezhuan.exchange.settings import Settings
from kezhuan.exchange.templates import template_columns, write_template
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record

pytestmark = pytest.mark.django_db
KINDS = ("achievement", "need", "organisation")


@pytest.fixture(params=[(kind, language) for kind in KINDS for language in ("zh-hans", "en")], ids="-".join)
def filled(request, tmp_path):
    slug, language = request.param
    kind, path = importables()[slug], tmp_path / "template.xlsx"
    write_template(path, kind, language)
    return kind, path, 0 if language == "zh-hans" else 1


def take_in(kind, path):
    one = Importer(kind, path, Settings(actor=Actor()))
    one.run()
    return one


def test_every_column_has_its_header_and_the_sheet_is_ready_to_write(filled):
    kind, path, place = filled
    page = load_workbook(path).worksheets[0]
    headers = [cell.value for cell in page[1]]
    assert headers == [(one.zh, one.en)[place] for one in template_columns(kind)]
    assert page.freeze_panes == "A2"
    assert not {"平台编号", "platform code", "平台版本", "阶段", "Stage"} & set(headers)


def test_closed_lists_are_to_choose_from_and_every_word_is_read(filled):
    kind, path, _place = filled
    book = load_workbook(path)
    page = book.worksheets[0]
    offered = {}
    for rule in page.data_validations.dataValidation:
        if rule.type == "list":
            offered[page.cell(1, next(iter(rule.sqref.ranges)).min_col).value] = words_of_rule(book, rule.formula1)
            assert next(iter(rule.sqref.ranges)).max_row > 1000
    columns = {(one.zh, one.en): one.column for one in template_columns(kind) if one.column.choices}
    assert len(offered) == len(columns)
    for names, column in columns.items():
        words = offered[next(name for name in names if name in offered)]
        read = [read_cell(word, column) for word in words]
        assert {code[0] if isinstance(code, tuple) else code for code in read} == set(column.choices.values())


def words_of_rule(book, formula):
    if formula.startswith('"'):
        return formula.strip('"').split(",")
    sheet, _, cells = formula.replace("$", "").partition("!")
    return [row[0].value for row in book[sheet.strip("'=")][cells]]


def test_days_numbers_and_amounts_are_checked_as_they_are_typed_and_nothing_that_is_read_is_refused(filled):
    kind, path, place = filled
    page = load_workbook(path).worksheets[0]
    rules = {page.cell(1, next(iter(rule.sqref.ranges)).min_col).value: rule
             for rule in page.data_validations.dataValidation}  # fmt: skip
    types = {"date": "date", "integer": "whole", "number": "decimal", "money_wan": "decimal"}
    typed = {(one.zh, one.en)[place]: one.column for one in template_columns(kind) if one.column.kind in types}
    assert typed or kind.lifecycle.kind == "organisation"
    for header, column in typed.items():
        rule = rules[header]
        assert (rule.type, rule.operator, rule.allowBlank) == (types[column.kind], None, True)  # between
        assert rule.errorStyle == ("warning" if header in {"完成日期", "completion date"} else "information")
        low, high = (float(bound) for bound in (rule.formula1, rule.formula2))
        # What is typed right is let through without a word; a bare year is a day of 1905 to a spreadsheet program.
        right, wrong = {"date": (46_568, 2027), "integer": (6, 14)}.get(column.kind, (0.5, -1))
        assert low <= right <= high
        assert not low <= wrong <= high
        said = {"date": ("2027-06-30", "2027-06-30"), "integer": ("整数", "whole number")}.get(
            column.kind, ("万元", "yuan")
        )
        assert said[place] in rule.error
        assert len(rule.error) <= 255
    assert all(rule.errorStyle in {"warning", "information"} for rule in rules.values() if rule.type != "list")


def test_headers_carry_notes(filled):
    kind, path, place = filled
    page = load_workbook(path).worksheets[0]
    noted = {cell.value: cell.comment.text for cell in page[1] if cell.comment}
    for one in template_columns(kind):
        if one.hint[place] or one.column.choices or one.column.kind in {"date", "money_wan", "integer"}:
            assert noted[(one.zh, one.en)[place]]


def test_template_as_given_out_brings_nothing_and_a_filled_one_its_rows(filled):
    kind, path, _place = filled
    assert vars(take_in(kind, path).counts) == dict.fromkeys(("read", "created", "updated", "unchanged", "rejected"), 0)
    book = load_workbook(path)
    page = book.worksheets[0]
    example = [cell.value for cell in page[2]]
    # What the example shows can itself be read: the same words under another number are a record.
    page.append([None if value == example[0] else value for value in example])
    book.save(path)
    done = take_in(kind, path)
    assert [reject.say() for reject in done.rejects.rows] == []
    assert (done.counts.read, done.counts.created) == (1, 1)
    assert Record.objects.filter(kind=kind.lifecycle.kind).count() == 1


def test_example_row_that_somebody_wrote_over_is_a_row(filled):
    kind, path, _place = filled
    book = load_workbook(path)
    page = book.worksheets[0]
    name = next(n for n, one in enumerate(template_columns(kind), 1) if one.name == kind.needs_one_of[0])
    page.cell(2, name, "我们自己的一项")
    book.save(path)
    assert take_in(kind, path).counts.created == 1


def test_command_writes_it_and_says_what_does_not_fit(tmp_path, capsys):
    path = tmp_path / "needs.xlsx"
    assert template.run(["needs", str(path), "--lang", "en"]) == 0
    assert load_workbook(path).worksheets[0]["B1"].value == "title"
    assert template.run(["needs", str(tmp_path / "x.csv")]) == 2
    assert template.run(["needs", str(tmp_path / "no" / "x.xlsx")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_page_gives_it_in_the_readers_language(kind):
    for language, header in (("zh-hans", "编号"), ("en", "id")):
        answer = Client().get(f"/imports/templates/{kind}/", headers={"accept-language": language})
        content = b"".join(answer.streaming_content)
        assert load_workbook(io.BytesIO(content)).worksheets[0]["A1"].value == header
    assert Client().get("/imports/templates/patent/").status_code == 404
