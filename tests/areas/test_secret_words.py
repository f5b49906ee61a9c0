"""State secrets in whatever words: refused wherever a text comes in, and nothing of it is kept."""

import pytest

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, register_organisation, register_person
from kezhuan.exchange.columns import is_open
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.marks import is_about_secrets, is_secret_class
from kezhuan.kernel.models import Entry, Record, User
from tests.factories import city


@pytest.mark.parametrize(
    "word", ["秘密", "秘密级", "机密★10年", "绝密级", "国家秘密", "涉密", "核心秘密", "Top Secret", "機密", " 机 密 "]
)
def test_class_of_a_state_secret_is_known_in_any_wording(word):
    assert is_secret_class(word)
    assert not is_open(word)


@pytest.mark.parametrize("word", ["公开", "内部", "商业秘密", "trade secret", "不涉密", "非涉密", "无", ""])
def test_class_that_may_be_kept_is_no_state_secret(word):
    assert not is_secret_class(word)
    assert is_open(word)


def test_unknown_class_of_an_imported_row_is_taken_for_a_secret():
    assert not is_open("三级")
    assert not is_open("否")
    assert is_open("否", or_no=True)
    assert not is_open("是", or_no=True)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["name", "name_en", "summary"])
def test_marked_text_of_an_organisation_is_refused(field):
    texts = {"name": "某单位", field: "内容\n密级:机密\n"}
    with pytest.raises(Refused) as refused:
        register_organisation(actor=SYSTEM, kind="enterprise", **texts)
    assert [problem.code for problem in refused.value.problems] == ["state-secret"]
    assert not Record.objects.exists()


@pytest.mark.django_db
def test_marked_note_on_a_number_is_refused():
    facts = {"name": "某企业", "kind": "enterprise", "number": "91350211M0000XUF46", "region": "440106"}
    officer = city.officer()
    before = Record.objects.count()
    with pytest.raises(Refused) as refused:
        register_organisation(actor=officer, override_note="密级:机密", **facts)
    assert [problem.code for problem in refused.value.problems] == ["state-secret"]
    assert Record.objects.count() == before


@pytest.mark.django_db
def test_marked_text_of_a_person_is_refused():
    with pytest.raises(Refused):
        register_person(actor=SYSTEM, name="某人", post="绝密★长期")


@pytest.mark.django_db
@pytest.mark.parametrize(("reason", "code"), [("机密★10年 配方", "state-secret"), ("trl", "reason-unknown")])
def test_reason_of_a_move_is_one_of_its_list_or_nothing(client, reason, code):
    owner = city.organisation()
    actor, need = city.member(owner), city.need(owner)
    with pytest.raises(Refused) as refused:
        advance(NEED, need, "submit", actor=actor, reason=reason)
    assert [problem.code for problem in refused.value.problems] == [code]
    client.force_login(User.objects.create(email="a@example.com", person=actor.person))
    page = client.post(f"/records/{need.record.code}/moves/submit/", {"reason": reason})
    address = f"/api/v1/needs/{need.record.code}/moves/submit"
    api = client.post(address, {"reason": reason}, content_type="application/json")
    assert page.status_code == 422
    assert (api.status_code, api.json()["problems"][0]["code"]) == (422, code)
    assert not any(reason in str(data) for data in Entry.objects.values_list("data", flat=True))


@pytest.mark.parametrize(
    "header", ["涉密情况", "是否涉密", "定密结果", "密级（公开/内部）", "项目密级", "保密类别", "国家秘密等级"]
)
def test_column_about_secrets_is_known_by_its_name(header):
    assert is_about_secrets(header)


@pytest.mark.parametrize("header", ["密度(g/cm3)", "密封等级", "加密方式", "精密级别", "保密要求", "密码", "稠密程度"])
def test_column_of_ordinary_words_is_none_about_secrets(header):
    assert not is_about_secrets(header)
