"""The folder of a call holds all that came of it: applications in full, scores, projects with their evidence."""

import io
import zipfile

import pytest

from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.projects.evidence_actions import report_first_use
from kezhuan.exchange.papers.archiving import rows_of_case, write_folder
from kezhuan.exchange.papers.printing import content_of
from tests.factories import city, projects
from tests.factories.projects import SAID, fresh

pytestmark = pytest.mark.django_db


def test_the_folder_of_a_call_holds_its_applications_and_projects_in_full():
    officer = city.officer()
    (chosen,) = projects.awarded(city.organisation("甲大学", kind="university"), by=officer)
    row = projects.project(chosen, stage="running", by=officer)
    projects.reached(row, officer)
    report_first_use(actor=city.clerk(row.poster), project=fresh(row), said=SAID)
    call, entry = (
        Call.objects.select_related("record").get(pk=chosen.item.call_id),
        Application.objects.get(pk=chosen.pk),
    )
    assert [one.record.kind for one in rows_of_case(officer, call)] == ["call", "application", "project"]
    assert [one.record.code for one in rows_of_case(city.clerk(chosen.applicant), entry)] == [
        chosen.record.code, row.record.code,
    ]  # fmt: skip
    assert rows_of_case(city.clerk(city.organisation()), call)[1:] == []
    said = content_of(officer, entry)
    texts = dict(said.facts)
    assert (texts["条件：具备研究基础"], texts["技术路线"]) == ("省重点实验室", "等离子体辅助化学机械抛光")
    assert "0.08" in [text for label, text in said.facts if label.startswith("指标：")]
    assert texts["决定理由"] == "方案可行"
    told = dict(content_of(officer, fresh(row)).facts)
    assert "样件达到0.09 nm" in told["里程碑1"]
    assert SAID.words in told["首用报告"] if "首用报告" in told else any(SAID.words in text for text in told.values())
    file = io.BytesIO()
    write_folder(officer, rows_of_case(officer, call), file, lambda _done, _total: None)
    names = zipfile.ZipFile(file).namelist()
    assert any(f"{chosen.record.code}-申报书.pdf" in name for name in names)
    assert any(f"{row.record.code}-项目.pdf" in name for name in names)
