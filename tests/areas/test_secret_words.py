"""State secrets in whatever words: refused wherever a text comes in, and nothing of it is kept."""

import pytest

from kezhuan.areas.people.actions import SYSTEM, register_organisation, register_person
from kezhuan.exchange.columns import is_open
from kezhuan.kernel.documents import is_secret_class
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import Record
from tests.factories import city


@pytest.mark.parametrize(
    "word", ["秘密", "秘密级", "机密★10年", "绝密级", "国家秘密", "涉密", "核心秘密", "Top Secret", "機密", " 机 密 "]
)
def test_class_of_a_state_secret_is_known_in_any_wording(word):
    assert is_secret_class(word)
    assert not is_open(word)


@pytest.mark.parametrize("word", ["公开", "内部", "商业秘密", "trade secret", "不涉密", "非涉密", ""])
def test_class_that_may_be_kept_is_no_state_secret(word):
    assert not is_secret_class(word)
    assert is_open(word)


def test_unknown_class_of_an_imported_row_is_taken_for_a_secret():
    assert not is_open("三级")


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
