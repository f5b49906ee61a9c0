"""Words that mean two things in English are told in Chinese by what they mean where they stand."""

import re

import pytest
from django.utils.translation import override

from kezhuan.areas.calls.choices import AnswerKind, ColumnKind, Outcome, SpotFinding
from kezhuan.areas.calls.forms_eligibility import SpotCheckForm
from kezhuan.areas.calls.tables_of_call import TABLES
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.dossiers.models import DossierSort
from kezhuan.areas.evaluations.models import EvidenceSort
from kezhuan.areas.rights.lifecycle import GRANT
from kezhuan.config.translations import PACKAGE
from kezhuan.kernel.rules import shipped
from kezhuan.web.names import place_name, source_words


@pytest.mark.parametrize(
    ("label", "chinese"),
    [
        (Outcome.MET, "满足"),  # a condition, not two sides that have talked
        (AnswerKind.NUMBER, "数字"),
        (ColumnKind.NUMBER, "数字"),  # an answer in figures, not how many of something
        (DossierSort.CONTRACT, "合同"),
        (EvidenceSort.CONTRACT, "合同"),  # papers, not the step of signing
        (GRANT.stages["active"], "已赋权"),  # rights in a result, not a patent
        (CONTRACT.stages["reviewing"], "复核中"),  # by the registrars, not by experts
        (TABLES["needs"].columns[0], "编号"),  # of a need, not one that proves an address
        (SpotCheckForm.base_fields["finding"], "结论"),  # of a spot check, not of a case of exemption
    ],
)
def test_a_word_that_means_two_things(label, chinese):
    with override("zh-hans"):
        assert str(getattr(label, "label", label)) == chinese
    with override("en"):
        assert str(getattr(label, "label", label)) != chinese


def test_what_a_spot_check_found_stays_a_choice():
    assert set(SpotFinding.values) == {value for value, _label in SpotCheckForm.base_fields["finding"].choices}


@pytest.mark.parametrize(
    ("source", "chinese", "english"),
    [
        (
            "某办法（2020）第一条：不低于5%。 Rule (2020), Art. 1.",
            "某办法（2020）第一条：不低于5%。",
            "Rule (2020), Art. 1.",
        ),
        ("穗科函〔2024〕18号。", "穗科函〔2024〕18号。", "穗科函〔2024〕18号。"),
        ("甲。 Art. 1。 乙", "甲。 Art. 1。 乙", "甲。 Art. 1。 乙"),
    ],
)
def test_a_source_in_both_languages_is_read_in_one(source, chinese, english):
    with override("zh-hans"):
        assert source_words(source) == chinese
    with override("en"):
        assert source_words(source) == english


def test_every_source_that_ships_is_read_in_one_language():
    for one in shipped():
        with override("zh-hans"):
            assert not re.search("[a-z]{6}", source_words(one.source)), one.code
        with override("en"):
            assert not re.search("[\u4e00-\u9fff]", source_words(one.source)), one.code


def test_a_place_outside_the_city_has_its_name():
    with override("zh-hans"):
        assert [place_name(code) for code in ("110000", "330000", "420500")] == ["北京市", "浙江省", "宜昌市"]
    with override("en"):
        assert place_name("110000") == "Beijing"
    assert place_name("999999") == "999999"


def test_pages_put_words_in_the_brackets_of_the_readers_language():
    halves = re.compile(r"f\"[^\"]*\} \(\{(?!.*(%|_share))")
    pages = [one for part in ("areas", "web") for one in (PACKAGE / part).rglob("pages*.py")]
    found = [f"{one.name}: {line.strip()}" for one in pages for line in one.read_text("utf-8").splitlines()
             if halves.search(line)]  # fmt: skip
    assert len(pages) > 50
    assert found == []
