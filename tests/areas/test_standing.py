"""What an organisation and a person stand for: names under which they were verified, ends after which nobody acts."""

import pytest
from django.contrib.auth import authenticate

from kezhuan.areas.needs.actions import register_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, add_member, edit_organisation, register_organisation, sign_up
from kezhuan.areas.people.lifecycle import ORGANISATION, PERSON
from kezhuan.kernel.access import VISITOR, actor_as, actor_for
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.history import entries_of
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Identifier, Membership, Organisation, Person
from kezhuan.kernel.models.parties import Role
from kezhuan.web.history import history_lines
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db
PASSWORD, NUMBER = "long-enough-secret", "91350100M000100Y43"


def corrected(actor, row, **typed):
    version, summary = row.record.version, typed.pop("summary", row.record.summary)
    return edit_organisation(actor=actor, organisation=row, summary=summary, expected_version=version, **typed)


def fresh(row):
    return Organisation.objects.select_related("record").get(pk=row.pk)


def signed_up():
    return actor_for(sign_up(name="新人", email="new@example.com", password=PASSWORD).person)


@pytest.mark.parametrize("stage", ["unverified", "returned", "listed", "verified"])
@pytest.mark.parametrize("typed", [{"name": "华为技术有限公司"}, {"name_en": "Huawei"}, {"region": "440112"}])
def test_what_stands_in_public_under_a_name_is_renamed_and_moved_by_officers_alone(stage, typed):
    firm = city.organisation("抛光公司", stage=stage)
    boss, is_new = city.member(firm, Role.ADMINISTRATOR), stage in {"unverified", "returned"}
    page = client_of(boss).get(f"/organisations/{firm.record.code}/edit/").content
    assert (b'name="name"' in page) == is_new
    if is_new:
        corrected(boss, firm, **typed)
        return
    with pytest.raises(NotAllowed):
        corrected(boss, firm, **typed)
    posted = {**typed, "summary": "抛光", "version": firm.record.version}
    assert client_of(boss).post(f"/organisations/{firm.record.code}/edit/", posted).status_code == 302
    assert (fresh(firm).record.title, fresh(firm).record.summary, fresh(firm).region) == ("抛光公司", "抛光", "440106")
    corrected(city.officer("440106"), fresh(firm), **typed)


@pytest.mark.parametrize("kind", ["enterprise", "hk_macao"])
def test_nobody_is_verified_without_a_number(kind):
    officer, abroad = city.officer(), kind == "hk_macao"
    more = {"country": "HK", "number_scheme": "registry:HK"} if abroad else {"region": "440106"}
    firm = register_organisation(actor=officer, name="抛光公司", kind=kind, **more)
    if abroad:
        attach_document(actor=officer, record=firm.record, upload=Upload("登记.txt", b"extract", True))
    with pytest.raises(Refused) as refused:
        advance(ORGANISATION, firm, "verify", actor=officer)
    assert [problem.code for problem in refused.value.problems] == ["number-missing"]
    corrected(officer, fresh(firm), number="1234567" if abroad else NUMBER)
    assert advance(ORGANISATION, fresh(firm), "verify", actor=officer).record.stage == "verified"


@pytest.mark.parametrize("end", ["void", "dissolve"])
def test_nobody_acts_for_what_is_void_or_dissolved(end):
    firm, other = city.organisation("抛光公司", stage="listed"), city.organisation()
    boss = city.member(firm, Role.ADMINISTRATOR)
    need = city.need(firm, by=boss)
    add_member(actor=SYSTEM, organisation=other, person=boss.person)
    advance(ORGANISATION, firm, end, actor=city.officer(), note="注销")
    now_acting = actor_for(boss.person, firm.pk)
    assert now_acting.organisation == other
    assert firm not in now_acting.choices
    with pytest.raises(NotAllowed):
        advance(NEED, need, "submit", actor=now_acting)
    with pytest.raises(NotAllowed):
        register_need(actor=now_acting, owner=firm, facts=city.need_facts())
    assert actor_as(boss.person, firm.pk) is None
    assert actor_as(boss.person, other.pk).organisation == other


def test_a_closed_person_is_a_visitor_and_signs_in_no_more():
    actor = signed_up()
    client = client_of(actor)
    assert client.get("/account/").status_code == 200
    assert authenticate(username="new@example.com", password=PASSWORD) is not None
    advance(PERSON, actor.person, "close", actor=city.officer(), note="离职")
    assert client.get("/account/").status_code == 302
    assert authenticate(username="new@example.com", password=PASSWORD) is None
    assert actor_for(Person.objects.get(pk=actor.person.pk)) == VISITOR
    assert actor_as(Person.objects.get(pk=actor.person.pk), None) is None


def test_ending_a_membership_asks_once_more_and_history_says_whom():
    firm = city.organisation()
    boss, colleague = city.member(firm, Role.ADMINISTRATOR), city.member(firm)
    client, address = client_of(boss), f"/organisations/{firm.record.code}/"
    held = Membership.objects.get(person=colleague.person)
    end = f"{address}members/{held.pk}/end/"
    assert end in client.get(address).content.decode()
    asked = client.get(end).content.decode()
    assert colleague.name in asked
    assert Membership.objects.get(pk=held.pk).until is None
    assert client_of(city.member(firm)).get(end).status_code == 403
    assert client.post(end).status_code == 302
    assert Membership.objects.get(pk=held.pk).until is not None
    told = [str(line.about) for line in history_lines(boss, firm.record, entries_of(firm.record, 50))]
    assert told.count(colleague.name) == 2  # came and went
    assert client.get(end).status_code == 404


def test_number_by_which_an_import_knows_its_rows_is_nobodys_business():
    firm = city.organisation()
    for scheme, value in (("单位", "sha256:0b8b"), ("单位", "17"), ("uscc", NUMBER)):
        Identifier.objects.create(record=firm.record, scheme=scheme, value=value)
    page = client_of(None).get(f"/organisations/{firm.record.code}/").content.decode()
    api = client_of(None).get(f"/api/v1/organisations/{firm.record.code}").content.decode()
    for text in (page, api):
        assert NUMBER in text
        assert "sha256" not in text
