"""Words that mean two things in English are told in Chinese by what they mean where they stand."""

import pytest
from django.utils.translation import override

from kezhuan.areas.calls.choices import AnswerKind, ColumnKind, Outcome, SpotFinding
from kezhuan.areas.calls.forms_eligibility import SpotCheckForm
from kezhuan.areas.calls.tables_of_call import TABLES
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.dossiers.models import DossierSort
from kezhuan.areas.evaluations.models import EvidenceSort
from kezhuan.areas.rights.lifecycle import GRANT


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
