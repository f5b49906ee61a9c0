"""Organisations and accounts as a city keeps them: corrected, returned, claimed; own details and passwords."""

import threading

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, connections
from django.test import Client

from kezhuan.areas.accounts.account_actions import change_password, edit_person, set_password
from kezhuan.areas.accounts.models import Factor
from kezhuan.areas.people.actions import add_member, edit_organisation, end_membership, register_organisation, sign_up
from kezhuan.areas.people.claim_actions import answer_claim, claim_organisation
from kezhuan.areas.people.lifecycle import ORGANISATION
from kezhuan.areas.people.queries import CLAIMS, claims_waiting_for
from kezhuan.config.commands import set_password as set_password_command
from kezhuan.kernel import followers
from kezhuan.kernel.access import GROUPS, VISITOR, actor_for, can_view
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Grant, Identifier, Membership, Organisation, Person, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.search import NEWEST, Asked, search
from kezhuan.kernel.text import now, today
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-secret"
NUMBER, OTHER_NUMBER = "91350100M000100Y43", "91440101MA59HUKE2B"


def signed_up(email="new@example.com", name="新人"):
    return actor_for(sign_up(name=name, email=email, password=PASSWORD).person)


def correct(actor, row, **typed):
    record = row.record
    held = {"name": record.title, "name_en": record.title_en, "summary": record.summary, "region": row.region}
    return edit_organisation(actor=actor, organisation=row, expected_version=record.version, **(held | typed))


def fresh(row):
    return type(row).objects.select_related("record").get(pk=row.pk)


# -- corrections -------------------------------------------------------------------------------------------------------


def test_correction_by_administrator_and_officer_in_charge_is_noted_by_field():
    firm = city.organisation("抛光公司")
    correct(city.officer("440106"), firm, name="抛光有限公司", name_en="Polish Ltd")
    correct(city.member(firm, Role.ADMINISTRATOR), fresh(firm), summary="抛光")
    fields = [entry.data["fields"] for entry in Entry.objects.filter(kind="organisation.edit")]
    assert fields == [["title", "title_en"], ["summary"]]
    assert (fresh(firm).record.title, fresh(firm).record.summary) == ("抛光有限公司", "抛光")


def test_correction_is_refused_to_others_and_of_what_is_over():
    firm = city.organisation()
    for actor in (city.member(firm), city.member(city.organisation(), Role.ADMINISTRATOR), city.officer("440117")):
        with pytest.raises(NotAllowed):
            correct(actor, firm, name="别名")
    boss = city.member(firm, Role.ADMINISTRATOR)
    advance(ORGANISATION, firm, "dissolve", actor=city.officer(), note="注销")
    with pytest.raises(NotAllowed):
        correct(boss, fresh(firm), name="别名")


def test_correction_of_a_stale_version_is_a_conflict_and_an_empty_name_refused():
    firm = city.organisation("抛光公司")
    boss = city.officer("440106")
    with pytest.raises(Refused):
        correct(boss, firm, name=" ")
    stale = fresh(firm)
    correct(boss, firm, summary="一")
    with pytest.raises(Conflict):
        correct(boss, stale, summary="二")
    assert fresh(firm).record.summary == "一"


def test_number_is_corrected_by_officers_or_while_returned():
    officer, boss = city.officer(), signed_up()
    firm = register_organisation(actor=boss, name="抛光公司", kind="enterprise", number=NUMBER, region="440106")
    boss = actor_for(boss.person)
    with pytest.raises(NotAllowed):
        correct(boss, firm, number=OTHER_NUMBER)
    with pytest.raises(Refused) as refused:
        correct(officer, firm, number=OTHER_NUMBER[:-1] + "9")
    assert refused.value.problems[0].code == "uscc-check-digit"
    correct(officer, fresh(firm), number=OTHER_NUMBER[:-1] + "9", override_note="执照如此")
    advance(ORGANISATION, firm, "return", actor=officer, note="代码不对")
    correct(boss, fresh(firm), number=NUMBER)
    active = Identifier.objects.filter(record=firm.record, active=True)
    assert list(active.values_list("value", flat=True)) == [NUMBER]
    other = city.organisation("另一家")
    with pytest.raises(Conflict):
        correct(officer, other, number=NUMBER)


def test_new_district_moves_the_officers_in_charge_of_people_and_records():
    firm = city.organisation(region="440106")
    boss = city.member(firm, Role.ADMINISTRATOR)
    need = city.need(firm, stage="submitted", by=boss)
    tianhe, huangpu = city.officer("440106"), city.officer("440112")
    correct(tianhe, firm, region="440112")
    for pk in (need.pk, boss.person.pk):
        record = Record.objects.get(pk=pk)
        assert [can_view(actor, record, "full") for actor in (tianhe, huangpu)] == [False, True]
    followers.run_pending()
    asked = Asked(kinds=("need", "person"), order=NEWEST)
    assert {need.pk, boss.person.pk} <= set(search(huangpu, asked).records)
    assert not {need.pk, boss.person.pk} & set(search(tianhe, asked).records)


def test_correction_page_keeps_what_was_typed_and_shows_the_number_to_those_who_may():
    firm = city.organisation("抛光公司")
    boss, officer = client_of(city.member(firm, Role.ADMINISTRATOR)), client_of(city.officer())
    address = f"/organisations/{firm.record.code}/edit/"
    assert [b'name="number"' in client.get(address).content for client in (boss, officer)] == [False, True]
    assert client_of(city.member(firm)).get(address).status_code == 403
    typed = {"name": "", "summary": "我们抛光", "version": firm.record.version}
    wrong = officer.post(address, typed)
    assert (wrong.status_code, "我们抛光" in wrong.content.decode()) == (422, True)
    assert boss.post(address, typed | {"number": NUMBER}).status_code == 302
    assert not Identifier.objects.exists()
    named = {"name": "抛光有限公司", "version": fresh(firm).record.version}
    assert officer.post(address, typed | named).status_code == 302
    assert fresh(firm).record.title == "抛光有限公司"


# -- returned registrations --------------------------------------------------------------------------------------------


def test_returned_registration_stays_with_its_members_and_is_submitted_again():
    officer, boss = city.officer(), signed_up()
    firm = register_organisation(actor=boss, name="抛光公司", kind="enterprise", number=NUMBER, region="440106")
    with pytest.raises(Refused):
        advance(ORGANISATION, firm, "return", actor=officer)
    boss = actor_for(boss.person)
    page, address = client_of(boss), f"/organisations/{firm.record.code}/"
    advance(ORGANISATION, firm, "return", actor=officer, note="名称与执照不符")
    assert "名称与执照不符" in page.get(address).content.decode()
    assert "抛光公司" in page.get("/inbox/").content.decode()
    assert client_of(None).get(address).status_code == 404
    correct(boss, fresh(firm), name="抛光有限公司")
    firm = advance(ORGANISATION, firm, "resubmit", actor=boss)
    assert (firm.record.stage, Organisation.objects.get(pk=firm.pk).record.title) == ("unverified", "抛光有限公司")
    assert "名称与执照不符" not in page.get("/inbox/").content.decode()


# -- claims ------------------------------------------------------------------------------------------------------------


def test_claim_waits_for_the_officer_in_charge_who_names_the_first_administrator():
    firm, person = city.organisation("名录公司", stage="listed"), signed_up(name="申请人")
    claim_organisation(actor=person, organisation=firm, note="我是技术总监")
    claim_organisation(actor=person, organisation=firm, note="再按一次")
    officers = {"city": city.officer(), "own": city.officer("440106"), "other": city.officer("440117")}
    counts = {name: claims_waiting_for(actor).count() for name, actor in officers.items()}
    assert counts == {"city": 1, "own": 1, "other": 0}
    assert can_view(actor_for(person.person), Record.objects.get(pk=firm.pk), "full") is False
    claim = Grant.objects.get(role=CLAIMS)
    with pytest.raises(NotAllowed):
        answer_claim(actor=officers["other"], claim=claim, admits=True)
    answer_claim(actor=officers["own"], claim=claim, admits=True)
    person = actor_for(person.person)
    assert (person.organisation, person.roles) == (firm, frozenset({Role.ADMINISTRATOR}))
    assert claims_waiting_for(officers["city"]).count() == 0
    with pytest.raises(Conflict):
        answer_claim(actor=officers["own"], claim=claim, admits=False)
    with pytest.raises(NotAllowed):
        claim_organisation(actor=signed_up("late@example.com"), organisation=firm, note="我也是")


def test_second_claim_is_answered_by_the_administrator_and_makes_a_member():
    firm, officer = city.organisation(stage="listed"), city.officer()
    first, second = signed_up("a@example.com"), signed_up("b@example.com")
    for person in (first, second):
        claim_organisation(actor=person, organisation=firm, note="在职")
    mine, other = Grant.objects.filter(role=CLAIMS).order_by("pk")
    answer_claim(actor=officer, claim=mine, admits=True)
    with pytest.raises(NotAllowed):
        answer_claim(actor=officer, claim=other, admits=True)
    leading = actor_for(first.person)
    assert claims_waiting_for(leading).count() == 1
    answer_claim(actor=leading, claim=other, admits=True)
    assert actor_for(second.person).roles == {Role.MEMBER}


def test_claim_needs_words_a_listed_organisation_and_no_officer():
    listed, verified, person = city.organisation(stage="listed"), city.organisation(), signed_up()
    for note, code in ((" ", "note-missing"), ("机密★5年", "state-secret")):
        with pytest.raises(Refused) as refused:
            claim_organisation(actor=person, organisation=listed, note=note)
        assert refused.value.problems[0].code == code
    for actor, row in ((person, verified), (city.officer(), listed), (VISITOR, listed)):
        with pytest.raises(NotAllowed):
            claim_organisation(actor=actor, organisation=row, note="在职")
    assert not Grant.objects.exists()


def test_claim_pages_ask_show_and_decline():
    firm = city.organisation("名录公司", stage="listed")
    officer, asking, rival = (
        client_of(city.officer()),
        client_of(signed_up(name="申请人")),
        client_of(city.member(firm)),
    )
    address = f"/organisations/{firm.record.code}/"
    assert b"I act for this organisation" in asking.get(address).content
    assert b"I act for this organisation" not in client_of(None).get(address).content
    assert asking.post(f"{address}claims/", {"note": "我是技术总监"}).status_code == 302
    assert b"an officer will answer" in asking.get(address).content
    shown, waiting = officer.get(address).content.decode(), officer.get("/inbox/").content.decode()
    assert all(word in shown for word in ("申请人", "new@example.com", "我是技术总监"))
    assert "申请人" in waiting
    assert "new@example.com" not in rival.get(address).content.decode()
    number = Grant.objects.get(role=CLAIMS).pk
    assert asking.post(f"{address}claims/{number}/admit/").status_code == 403
    assert officer.post(f"{address}claims/{number}/fly/").status_code == 404
    assert officer.post(f"{address}claims/{number}/decline/", {"note": "请附在职证明"}).status_code == 302
    told = asking.get(address).content.decode()
    assert "请附在职证明" in told
    assert "I act for this organisation" in told
    assert "申请人" not in officer.get("/inbox/").content.decode()


# -- own account -------------------------------------------------------------------------------------------------------


def test_own_details_are_changed_by_oneself_only_and_noted():
    person = city.member(city.organisation())
    row, version = person.person, person.person.record.version
    typed = {
        "name": "李先生", "name_en": "Li", "post": "总监", "email": "work@example.com", "phone": "020-1",
        "expected_version": version,
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        edit_person(actor=city.officer(), person=row, **typed)
    with pytest.raises(Refused) as refused:
        edit_person(actor=person, person=row, **(typed | {"email": "nowhere", "name": " "}))
    assert [one.code for one in refused.value.problems] == ["name-missing", "email-invalid"]
    row = fresh(row)
    edit_person(actor=person, person=row, **typed)
    assert Entry.objects.get(kind="person.edit").data["fields"] == ["email", "phone", "post", "title", "title_en"]
    assert Record.objects.get(pk=row.pk).title == "李先生"
    assert search(person, Asked(words="李先生")).records == [row.pk]
    with pytest.raises(Conflict):
        edit_person(actor=person, person=fresh(row), **(typed | {"post": "经理"}))


def test_account_pages_change_details_and_password():
    person = signed_up()
    mine, elsewhere = Client(), Client()
    for client in (mine, elsewhere):
        assert client.login(username="new@example.com", password=PASSWORD)
    assert "/account/" in mine.get("/").content.decode()
    version = Record.objects.get(pk=person.person.pk).version
    typed = {"name": "张三丰", "name_en": "Zhang", "post": "总监", "email": "", "phone": "020-1", "version": version}
    assert mine.post("/account/", typed | {"name": ""}).status_code == 422
    assert mine.post("/account/", typed).status_code == 302
    assert "张三丰" in mine.get("/").content.decode()
    assert Person.objects.get(pk=person.person.pk).post == "总监"
    assert mine.post("/account/password/", {"old": "wrong", "password": "a-new-long-secret"}).status_code == 422
    assert mine.post("/account/password/", {"old": PASSWORD, "password": "short"}).status_code == 422
    assert mine.post("/account/password/", {"old": PASSWORD, "password": "a-new-long-secret"}).status_code == 302
    assert mine.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert Client().get("/account/password/").status_code == 302


def test_password_is_changed_for_the_old_one_alone():
    person = signed_up()
    for actor in (VISITOR, city.member(city.organisation())):
        with pytest.raises(NotAllowed):
            change_password(actor=actor, old=PASSWORD, new="a-new-long-secret")
    change_password(actor=person, old=PASSWORD, new="a-new-long-secret")
    assert authenticate(username="new@example.com", password="a-new-long-secret") is not None
    assert Entry.objects.filter(kind="person.password", actor=person.person).count() == 1


def test_forgotten_password_is_set_by_command(monkeypatch, capsys):
    person = signed_up()
    Factor.objects.create(user=person.person.user, kind="totp", secret="x", made_at=now())
    monkeypatch.setattr(set_password_command, "bring_up_to_date", lambda: True)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    lines = iter(["a-new-long-secret\n", "a-new-long-secret\n", "short\n"])
    monkeypatch.setattr("sys.stdin", type("Typed", (), {"readline": lambda self: next(lines)})())
    codes = [
        set_password_command.run(["--email", email, "--password-stdin", "--remove-factors"])
        for email in ("NEW@example.com", "nobody@example.com", "new@example.com")
    ]
    assert codes == [0, 2, 2]
    assert "No account has this mail address." in capsys.readouterr().err
    assert authenticate(username="new@example.com", password="a-new-long-secret") is not None
    assert Entry.objects.get(kind="person.password").actor is None
    assert not Factor.objects.exists()
    with pytest.raises(Refused):
        set_password(email="nobody@example.com", password="a-new-long-secret")


# -- who sees people, and memberships ----------------------------------------------------------------------------------


def test_people_are_seen_by_colleagues_and_the_officers_in_charge():
    firm = city.organisation(region="440106")
    person = city.member(firm)
    readers = {
        "self": person,
        "colleague": city.member(firm),
        "city officer": city.officer(),
        "own officer": city.officer("440106"),
        "other officer": city.officer("440117"),
        "stranger": city.member(city.organisation()),
        "visitor": VISITOR,
    }
    record = Record.objects.get(pk=person.person.pk)
    seen = [{name for name, actor in readers.items() if can_view(actor, record, group)} for group in GROUPS]
    officers = {"city officer", "own officer"}
    around = {"self", "colleague", *officers}
    assert seen == [around, around, {"self", *officers}, {"self"}]
    followers.run_pending()
    found = {name for name, actor in readers.items() if record.pk in search(actor, Asked(kinds=("person",))).records}
    assert found == around


def test_person_who_left_is_found_by_former_colleagues_no_more():
    firm = city.organisation()
    boss, person = city.member(firm, Role.ADMINISTRATOR), city.member(firm)
    end_membership(actor=boss, membership=Membership.objects.get(person=person.person))
    followers.run_pending()
    assert person.person.pk not in search(boss, Asked(kinds=("person",))).records


def test_membership_is_open_once_and_given_again_after_its_end():
    firm, person = city.organisation(), signed_up()
    boss = city.member(firm, Role.ADMINISTRATOR)
    first = add_member(actor=boss, organisation=firm, person=person.person)
    assert add_member(actor=boss, organisation=firm, person=person.person) == first
    end_membership(actor=boss, membership=first)
    again = add_member(actor=boss, organisation=firm, person=person.person)
    assert again != first
    with pytest.raises(IntegrityError):
        Membership.objects.create(person=person.person, organisation=firm, role=Role.MEMBER, since=today())


@pytest.mark.django_db(transaction=True)
def test_membership_given_twice_at_once_is_given_once():
    firm, person = city.organisation(), signed_up()
    boss, found, start = city.member(firm, Role.ADMINISTRATOR), [], threading.Barrier(2)

    def admit():
        try:
            start.wait()
            found.append(add_member(actor=boss, organisation=firm, person=person.person).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=admit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert Entry.objects.filter(kind="organisation.member", record=firm.record).count() == 2


# -- contacts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["needs", "achievements"])
def test_contact_is_removed_by_an_empty_choice_and_stays_when_kept(kind):
    firm = city.organisation()
    boss, left = city.member(firm, Role.ADMINISTRATOR), city.member(firm)
    make = city.need if kind == "needs" else city.achievement
    row = make(firm, by=boss, contact=left.person)
    end_membership(actor=boss, membership=Membership.objects.get(person=left.person))
    client, address = client_of(boss), f"/{kind}/{row.record.code}/edit/"
    form = client.get(address).context["form"]
    given = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in given.items() if value not in (None, False, "")}
    rows = {f"{one}-{part}": "0" for one in ("indicators", "rights", "completers", "owners", "co_owners")
            for part in ("TOTAL_FORMS", "INITIAL_FORMS")}  # fmt: skip
    assert typed["contact"] == left.person.pk
    kept = client.post(address, typed | rows | {"version": row.record.version})
    assert (kept.status_code, fresh(row).record.contact_id) == (302, left.person.pk)
    del typed["contact"]
    client.post(address, typed | rows | {"version": fresh(row).record.version})
    assert fresh(row).record.contact_id is None
