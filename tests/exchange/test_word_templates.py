"""Word templates: checked against their kind's fields, unable to do anything else, filled with what one may see."""

import io
import zipfile
from xml.sax.saxutils import escape

import pytest
from django.utils import translation
from docx import Document as WordFile
from docx.shared import Length

from kezhuan.areas.approvals.actions import ask_approval, sign_step
from kezhuan.areas.approvals.route_actions import StepFacts
from kezhuan.areas.approvals.step_actions import record_decision
from kezhuan.exchange.models import Template
from kezhuan.exchange.papers import actions
from kezhuan.exchange.papers.actions import add_template, fill_template, templates_for, withdraw_template
from kezhuan.exchange.papers.fields import Named, fields_of
from kezhuan.exchange.papers.filling import check_template
from kezhuan.exchange.papers.samples import SAMPLES
from kezhuan.kernel import registry
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.disclosures import confidential_records
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing, NotAllowed, Refused
from kezhuan.kernel.garbage import remove_unneeded
from kezhuan.kernel.models import Entry, StoredFile
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db


def word(*lines, table=(), header="", title=""):
    document = WordFile()
    for line in lines:
        document.add_paragraph(line)
    if table:
        drawn = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(drawn.add_row().cells, row, strict=True):
                cell.text = text
    document.sections[0].header.paragraphs[0].text = header
    document.core_properties.title = title
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


LIST = word(
    "共 {{ 条数 }} 项",
    table=[
        ("{%tr for 项 in 清单 %}", ""),
        ("{{ 项.序号 }}", "{{ 项.名称 }} {{ 项.预算万元 }}"),
        ("{%tr endfor %}", ""),
    ],
)


def words_of(content):
    document = WordFile(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    headers = [one.text for section in document.sections for one in section.header.paragraphs]
    return [one.text for one in document.paragraphs if one.text] + cells + [one for one in headers if one]


def add(actor, content, name="呈报表", kind="need", **more):
    return add_template(actor=actor, kind=kind, name=name, upload=Upload("模板.docx", content, True), **more)


def filled(actor, template, *rows, to_list=False):
    named = [Named(row.record, row.record.title) for row in rows]
    kind = rows[0].record.kind
    return words_of(fill_template(actor=actor, template=template, kind=kind, named=named, to_list=to_list).content)


def test_a_record_fills_every_part_of_a_template_with_what_is_typed_and_nothing_else():
    firm = city.organisation("甲公司")
    actor = city.member(firm)
    row = city.need(firm, by=actor, title="抛光 <b>&{{ 7*7 }}</b>")
    template = add(
        actor, word("名称：{{ 名称 }}",
                    "{{title}}／{{ 预算万元 }}万元／{{ 期限 }}", "{% if 产业链 %}链{% else %}无{% endif %}",
                    "{{ 本单位 }}{{ 今日 }}", header="编号 {{ 编号 }}", title="{{ 名称 }}")
    )  # fmt: skip
    with translation.override("zh-hans"):
        found = filled(actor, template, row)
    assert found[0] == "名称：抛光 <b>&{{ 7*7 }}</b>"
    assert found[1] == "抛光 <b>&{{ 7*7 }}</b>／300万元／2030年12月31日"
    assert found[2] == "无"
    assert found[3].startswith("甲公司20")
    assert found[4] == f"编号 {row.record.code}"
    entry = Entry.objects.get(kind="export.paper")
    assert (entry.record_id, entry.actor_id, entry.data["count"]) == (row.pk, actor.person.pk, 1)


def test_a_list_repeats_rows_with_what_the_reader_may_see(django_assert_num_queries):
    firm, other = city.organisation(), city.organisation()
    actor, rival = city.member(firm), city.member(other)
    rows = [city.need(firm, stage="published", by=actor, title=f"需求{n}", budget_fen=n * 100_000_000) for n in (1, 2)]
    hidden = city.need(firm, by=actor, title="草稿")
    template = add(actor, LIST)
    assert template.for_list
    assert filled(actor, template, *rows, hidden, to_list=True)[:5] == ["共 3 项", "1", "需求1 100", "2", "需求2 200"]
    assert filled(rival, template, *rows, hidden, to_list=True) == ["共 2 项", "1", "需求1 100", "2", "需求2 200"]
    closed = city.need(firm, stage="published", by=actor, title="仅名称", confidentiality="title_only")
    with translation.override("en"):
        assert filled(rival, template, closed, to_list=True)[2] == "仅名称 [not shown]"
    single = add(actor, word("{{ 名称 }}"), name="单项")
    with pytest.raises(Refused) as refused:
        filled(actor, single, *rows, to_list=True)
    assert refused.value.problems[0].code == "template-single"
    with pytest.raises(Refused) as refused:
        filled(rival, template, hidden, to_list=True)
    assert refused.value.problems[0].code == "template-nothing"


def test_an_unknown_field_is_named_with_the_words_around_it():
    for content in (
        word("主送：{{ 收件机关 }}，请审阅"),
        word("x", header="主送：{{ 收件机关 }}，请审阅"),
        word("x", table=[("{%tr for 项 in 清单 %}",), ("主送：{{ 项.收件机关 }}，请审阅",), ("{%tr endfor %}",)]),
    ):
        with translation.override("en"), pytest.raises(Refused) as refused:
            check_template(content, "need")
        (problem,) = refused.value.problems
        assert (problem.code, problem.field) == ("template-field", "file")
        assert "“收件机关”" in problem.message
        assert "主送：" in problem.message


EVIL = [
    "{{ ''.__class__.__mro__ }}", "{{ 名称.__class__ }}", "{{ 名称.format(名称) }}", "{{ 7 * 7 }}", "{{ 名称|upper }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ 名称['x'] }}", "{{ self }}",
    "{{ 名称 * 999999999 }}",
    "{% for a in range(99999999) %}x{% endfor %}", "{% for a in 清单 %}{% for b in 清单 %}x{% endfor %}{% endfor %}",
    "{% for 项 in 清单 %}{{ 项.__class__ }}{% endfor %}", "{% for 项 in 清单 %}{{ 项.items() }}{% endfor %}",
    "{% for 项 in 清单 %}{{ 项.values }}{% endfor %}", "{% for 项 in 清单 %}{{ loop.cycle }}{% endfor %}",
    "{% for 项 in 清单 %}{{ loop.__class__ }}{% endfor %}",
    "{% for 项 in 清单 recursive %}{{ loop(清单) }}{% endfor %}",
    "{% include '/etc/passwd' %}", "{% import 'os' as os %}", "{% extends 'x' %}", "{% set x = 名称 %}{{ x }}",
    "{% macro m() %}{% endmacro %}{{ m() }}", "{% call x() %}{% endcall %}", "{% filter upper %}x{% endfilter %}",
    "{% with a = 名称 %}{{ a }}{% endwith %}", "{% block b %}{% endblock %}", "{{ 名称 is defined }}", "{{ [名称] }}",
    "{{ 名称 if 编号 else 名称 }}", "{{ lipsum }}", "{{ 名称 ~ 编号 }}",
    "{% autoescape false %}{{ 名称 }}{% endautoescape %}",
]  # fmt: skip


def with_form(content, form):
    """The Word file with the form where it says FORM."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(held, "w") as written:
        for name in read.namelist():
            written.writestr(name, read.read(name).replace(b"FORM", escape(form).encode()))
    return held.getvalue()


@pytest.mark.parametrize("place", [{}, {"header": "FORM"}, {"title": "FORM"}], ids=["text", "header", "title"])
def test_a_template_can_do_nothing_but_stand_for_values(place):
    blank = word("{{ 名称 }}" if place else "FORM", **place)
    assert check_template(with_form(blank, "{{ 名称 }}"), "need").names == {"名称"}
    for form in EVIL:
        with pytest.raises(Refused) as refused:
            check_template(with_form(blank, form), "need")
        assert refused.value.problems[0].code in {"template-form", "template-field"}, form


@pytest.mark.parametrize(
    "form", ["{{ 名称", "{% for 项 in 清单 %}", "{% endfor %}", "{{ 名称 }} {%tr endfor %}", "{{ }}"]
)
def test_a_broken_template_is_refused_in_a_sentence(form):
    with pytest.raises(Refused) as refused:
        check_template(word(form), "need")
    assert refused.value.problems[0].code in {"template-form", "template-empty"}


def test_a_file_that_is_no_template_is_refused():
    actor = city.member(city.organisation())
    bomb = io.BytesIO(word("{{ 名称 }}"))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/a.txt", b"0" * (21 * 1024 * 1024))
    for content, code in (
        (b"open", "template-form"),
        (word("nothing"), "template-empty"),
        (bomb.getvalue(), "template-large"),
        (word("机密★10年", "{{ 名称 }}"), "state-secret"),
    ):
        name = "a.docx" if content != b"open" else "a.txt"
        with pytest.raises(Refused) as refused:
            add_template(actor=actor, kind="need", name="x", upload=Upload(name, content, True))
        assert refused.value.problems[0].code == code
    for kind, name, code in (("need", " ", "template-name"), ("wish", "x", "kind-unknown")):
        with pytest.raises(Refused) as refused:
            add(actor, word("{{ 名称 }}"), name=name, kind=kind)
        assert refused.value.problems[0].code == code
    assert not Template.objects.exists()


def test_templates_belong_to_an_office_and_an_officer_opens_them_to_all():
    firm = city.organisation()
    actor, colleague, rival, officer = (
        city.member(firm),
        city.member(firm),
        city.member(city.organisation()),
        city.officer(),
    )
    own = add(actor, word("{{ 名称 }}"))
    shared = add(officer, word("{{ 名称 }}"), open_to_all=True)
    inside = add(officer, word("{{ 名称 }}"), name="内部")
    row = city.need(firm, stage="published", by=actor)
    for one, seen in (
        (actor, {own, shared}),
        (colleague, {own, shared}),
        (rival, {shared}),
        (officer, {shared, inside}),
        (VISITOR, set()),
    ):
        assert set(templates_for(one)) == seen
        for template in (own, shared, inside):
            if template in seen:
                assert actions.template_of(one, str(template.pk), "need") == template
            else:
                with pytest.raises(Missing):
                    actions.template_of(one, str(template.pk), "need")
    assert filled(rival, shared, row) == [row.record.title]
    for wrong in (lambda: add(actor, word("{{ 名称 }}"), open_to_all=True), lambda: add(VISITOR, word("{{ 名称 }}")),
                  lambda: add(city.member(firm, "reader"), word("{{ 名称 }}")),
                  lambda: withdraw_template(actor=rival, template=shared)):  # fmt: skip
        with pytest.raises(NotAllowed):
            wrong()


def test_the_newest_version_is_filled_until_all_are_withdrawn_and_the_bytes_stay_as_long():
    from datetime import timedelta

    firm = city.organisation()
    actor = city.member(firm)
    first = add(actor, word("一 {{ 名称 }}"))
    second = add(actor, word("二 {{ 名称 }}"))
    assert (first.version, second.version) == (1, 2)
    assert list(templates_for(actor)) == [second]
    remove_unneeded(timedelta(0))
    assert StoredFile.objects.count() == 2
    withdraw_template(actor=actor, template=second)
    assert not templates_for(actor).exists()
    assert add(actor, word("三 {{ 名称 }}")).version == 3
    kinds = list(Entry.objects.filter(kind__startswith="template").order_by("seq").values_list("kind", flat=True))
    assert kinds == ["template.add", "template.add", "template.withdraw", "template.add"]


@pytest.mark.django_db(transaction=True)
def test_versions_added_at_once_have_numbers_of_their_own():
    firm = city.organisation()
    actors = [city.member(firm) for _ in range(4)]
    results = at_once([lambda n=n, a=a: add(a, word(f"{n} {{{{ 名称 }}}}")) for n, a in enumerate(actors)])
    assert sorted(one.version for one in results) == [1, 2, 3, 4]


def test_samples_are_laid_out_after_the_standard_and_filled_from_any_kind():
    firm = city.organisation("甲公司")
    actor = city.member(firm)
    rows = (city.need(firm, by=actor), firm)
    for slug, sample in SAMPLES.items():
        content = sample.written()
        document = WordFile(io.BytesIO(content))
        section = document.sections[0]
        assert [round(one.mm) for one in (section.page_width, section.page_height)] == [210, 297], slug
        assert [round(one.mm) for one in (section.top_margin, section.left_margin)] == [37, 28], slug
        assert round(Length(section.page_width - section.left_margin - section.right_margin).mm) == 156, slug
        assert round(Length(section.page_height - section.top_margin - section.bottom_margin).mm) == 225, slug
        normal = document.styles["Normal"]
        assert (normal.font.name, normal.font.size.pt) == ("仿宋_GB2312", 16), slug
        for row in rows:
            used = check_template(content, row.record.kind)
            assert used.for_list == sample.for_list, slug
            words = "".join(filled(actor, sample, row, to_list=sample.for_list))
            assert row.record.title in words, slug
            assert "{" not in words, slug


def test_every_column_of_a_kind_can_be_named_in_both_languages():
    for kind in ("need", "achievement", "introduction", "organisation", "person", "notice"):
        fields = fields_of(kind)
        assert len({one.zh for one in fields}) == len(fields)
        lines = [f"{{{{ {name} }}}}" for one in fields for name in (one.zh, one.en)]
        assert {one.zh for one in fields} <= check_template(word(*lines), kind).names


def approved():
    """A registration that two posts have agreed to, the second by a meeting; with whoever asked, and its approval."""
    bureau, row = city.officer(), city.achievement(city.organisation("南粤大学"), stage="listed", title="要呈批的成果")
    signer = city.member(bureau.organisation, "officer")
    chair = city.post(bureau.organisation, "局长", signer)
    city.route(city.post(bureau.organisation, "成果处处长", signer), StepFacts(2, chair, "collective", numbered=True))
    approval = ask_approval(actor=bureau, row=row, move="register", note="材料齐备")
    sign_step(actor=signer, step=approval.steps.get(position=1), opinion="拟同意登记")
    approval = record_decision(
        actor=bureau, step=approval.steps.get(position=2), meeting="局长办公会", held_on=today(),
        attended=["王局长", "李副局长"], recused=["赵处"], minutes_no="纪要12号",
        minutes=Upload("纪要.png", b"\x89PNG\r\n\x1a\n...", True), document_no="穗科函〔2026〕8号",
    )  # fmt: skip
    return bureau, row, approval


def test_approval_sheet_is_filled_from_the_approval_and_from_its_record_by_whoever_reads_it():
    bureau, row, approval = approved()
    sheet = SAMPLES["approval"]
    for one in (approval, row):
        words = "\n".join(filled(bureau, sheet, one))
        for wanted in (
            "要呈批的成果", "材料齐备", "成果处处长", "拟同意登记", "局长办公会", "纪要12号", "王局长、李副局长",
            "赵处", "穗科函〔2026〕8号", bureau.name,
        ):  # fmt: skip
            assert wanted in words, wanted
        assert "领导批示" not in words
    # The unit reads its record, and not what the offices said on the way.
    words = "\n".join(filled(city.member(row.record.owner), sheet, row))
    assert "要呈批的成果" in words
    assert "领导批示" in words
    assert "拟同意登记" not in words
    assert "穗科函" not in words


def test_approval_sheet_is_filled_in_the_browser_and_by_the_api():
    bureau, _row, approval = approved()
    client, code = client_of(bureau), approval.record.code
    assert f"/records/{code}/papers/" in client.get(f"/approvals/{code}/").content.decode()
    for answer in (
        client.post(f"/records/{code}/papers/", {"template": "approval"}),
        client.get(f"/api/v1/approvals/{code}/papers/approval"),
    ):
        assert answer.status_code == 200
        assert "拟同意登记" in "".join(words_of(answer.content))
    assert (
        client_of(city.member(city.organisation())).get(f"/api/v1/approvals/{code}/papers/approval").status_code == 404
    )


def test_rows_beside_a_record_are_named_by_their_own_fields_alone():
    row = ("{%tr for 步 in 审批意见 %}",), ("{{ 步.序号 }} {{ 步.岗位 }} {{ 步.opinion }}",), ("{%tr endfor %}",)
    used = check_template(word("x", table=row), "need")
    assert (used.repeats, used.for_list) == (False, False)
    for wrong in ("{{ 步.名称 }}", "{{ 岗位 }}"):
        with pytest.raises(Refused):
            check_template(word("x", table=(row[0], (wrong,), row[2])), "need")


def test_paper_tells_which_confidential_records_it_held(django_assert_num_queries):
    unit, bureau = city.organisation(), city.officer()
    secret = city.achievement(unit, stage="listed", secrecy="internal")
    rows = [secret, city.achievement(unit, stage="listed")]
    for actor in (bureau, city.member(unit)):
        filled(actor, SAMPLES["summary"], *rows, to_list=True)
    filled(bureau, SAMPLES["letter"], secret)
    told = [one.data.get("shown") for one in Entry.objects.filter(kind="export.paper").order_by("seq")]
    assert told == [[str(secret.record.uid)], None, [str(secret.record.uid)]]
    with django_assert_num_queries(1):
        confidential_records(bureau, registry.kind_of("achievement"), [one.pk for one in rows])
