"""What is held of a person: every table is named, all is told to them, and nothing says who they were afterwards."""

import json
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

import kezhuan.config.urls  # noqa: F401  the API names the scopes of tokens
from kezhuan.areas.accounts.account_actions import copy_of_person, edit_person
from kezhuan.areas.accounts.actions import note_failed, note_sign_in
from kezhuan.areas.achievements.actions import Contribution
from kezhuan.areas.achievements.models import Completer
from kezhuan.areas.approvals.route_actions import give_post
from kezhuan.areas.approvals.step_actions import recuse
from kezhuan.areas.people.actions import add_member, register_person, sign_up
from kezhuan.areas.people.lifecycle import PERSON
from kezhuan.areas.people.member_actions import accept_invitation, invite_member
from kezhuan.areas.people.token_actions import make_token
from kezhuan.areas.reviews.actions import ExpertFacts, declare_ties, enter_expert
from kezhuan.areas.reviews.lifecycle import EXPERT
from kezhuan.config.commands import personal_data
from kezhuan.kernel import holdings, journal, outbox, search, tokens, watches
from kezhuan.kernel.access import SYSTEM, VISITOR, actor_for
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Membership, Notice, Person, Record, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.approval_story import Story
from tests.areas.crawling import client_of
from tests.areas.notice_story import Story as NoticeStory
from tests.factories import city

pytestmark = pytest.mark.django_db

NAME, MAIL, PHONE, PLACE = "qzxv欧阳匿名", "qzxvold@example.com", "13800138777", "203.0.113.77"
NEEDLES = ("qzxv", PHONE, PLACE)


def everywhere() -> list[tuple[str, str]]:
    """Each text of each table in which one of the needles stands."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            columns = [field.column for field in model._meta.concrete_fields]
            cursor.execute(f'SELECT {", ".join(connection.ops.quote_name(one) for one in columns)}'
                           f" FROM {connection.ops.quote_name(model._meta.db_table)}")  # fmt: skip
            for row in cursor.fetchall():
                text = " ".join(map(str, row))
                # A database may keep JSON with its characters escaped.
                plain = text.encode().decode("unicode_escape", errors="ignore") if "\\u" in text else text
                found += [(model._meta.label, one) for one in NEEDLES if one in text or one in plain]
    return found


@pytest.fixture
def somebody():
    """A person who left something in many tables, and who acts for nobody any more."""
    user = sign_up(name=NAME, email=MAIL, password="Long-enough-7531", phone=PHONE)
    firm = city.organisation("留下的公司")
    boss = city.member(firm, Role.ADMINISTRATOR)
    add_member(actor=boss, organisation=firm, person=user.person, role=Role.MEMBER)
    actor = actor_for(user.person, firm)
    need = city.need(firm, by=actor, contact=user.person)
    completers = [Contribution(NAME, 10_000, user.person)]
    achievement = city.achievement(firm, by=actor, completers=completers)
    edit_person(actor=actor, person=user.person, name=NAME, post="qzxv经理", email=MAIL, phone=PHONE,
                expected_version=Record.objects.get(pk=user.person.pk).version)  # fmt: skip
    note_sign_in(user=user, methods=["password"], address=PLACE)
    note_failed(user=user, method="password", address=PLACE)
    make_token(actor=actor, name="qzxv program", reads=["need"], writes=[], expires_on=today() + timedelta(days=9),
               seed=tokens.new_seed())  # fmt: skip
    with journal.writing():
        outbox.send(key="letter-1", channel="mail", to=MAIL, subject="qzxv", text=f"{NAME}：您好")
    watches.follow_record(actor=actor, record=need.record)
    Membership.objects.filter(person=user.person).update(until=date(2020, 12, 31))
    return User.objects.select_related("person__record").get(pk=user.pk), need, achievement


def test_everything_is_told_to_the_person_and_that_they_asked_is_noted(somebody):
    user, need, achievement = somebody
    answer = client_of(actor_for(user.person)).post(reverse("account-copy"))
    told = {one["table"]: one["rows"] for one in json.loads(answer.content)["holdings"]}
    assert answer["Content-Disposition"] == f'attachment; filename="{user.person.record.code}.json"'
    assert told["kernel.Person.pk"][0]["email"] == MAIL
    assert told["kernel.User.person"][0]["email"] == MAIL
    assert [row["code"] for row in told["kernel.Record.contact"]] == [need.record.code]
    assert told["achievements.Completer.person"][0]["achievement__record__code"] == achievement.record.code
    assert {row["kind"] for row in told["kernel.Entry.actor"]} >= {"need.open", "account.sign-in"}
    assert told["kernel.Token.person"][0]["name"] == "qzxv program"
    assert Entry.objects.filter(kind="person.copy", record=user.person.pk).count() == 1
    secret = {"password", "digest", "secret", "session_key", "session_data"}
    assert not {key for rows in told.values() for row in rows for key in row} & secret


def test_what_is_held_of_somebody_is_told_to_nobody_else(somebody):
    user = somebody[0]
    for actor in (VISITOR, city.officer("440106"), city.member(city.organisation())):
        with pytest.raises(NotAllowed):
            copy_of_person(actor=actor, person=user.person)
    assert copy_of_person(actor=city.officer(), person=user.person)["person"] == user.person.record.code
    assert client_of(None).post(reverse("account-copy"))["Location"].startswith(reverse("sign-in"))


def test_nothing_says_who_somebody_was_and_every_count_stays(somebody):
    user, need, achievement = somebody
    assert {needle for _table, needle in everywhere()} == set(NEEDLES)
    counts = {model: model._default_manager.count() for model in (Record, Person, User, Membership, Completer)}
    advance(PERSON, user.person, "anonymise", actor=city.officer(), note="本人申请")
    assert everywhere() == []
    assert {model: model._default_manager.count() - counts[model] for model in counts} == {
        # The officer who did it came meanwhile, with a department.
        Record: 2, Person: 1, User: 0, Membership: 1, Completer: 0,
    }  # fmt: skip
    erased, verdict = Entry.objects.get(kind="journal.erased"), journal.verify()
    numbers = [number for first, last in erased.data["texts"] for number in range(first, last + 1)]
    assert (verdict.broken_seq, verdict.erased) == (None, len(numbers))
    assert len(numbers) >= 4
    assert erased.record_id == user.person.pk
    assert erased.seq < Entry.objects.get(kind="person.anonymise").seq
    user.refresh_from_db()
    assert (user.is_active, user.mobile, user.has_usable_password()) == (False, None, False)
    need.record.refresh_from_db()
    assert need.record.contact is None
    completer = Completer.objects.get(achievement=achievement)
    assert (completer.name, completer.share_bp) == (holdings.NAME, 10_000)
    about = Entry.objects.filter(kind__endswith=".forget").values_list("record__code", flat=True)
    assert set(about) == {need.record.code, achievement.record.code}


def test_nothing_of_an_expert_a_signer_or_somebody_on_a_notice_says_who_they_were(monkeypatch):
    story = Story()
    story.route()
    asked = story.ask()
    user = sign_up(name=NAME, email=MAIL, password="Long-enough-7531")
    invitation = invite_member(actor=story.owner, organisation=story.unit, email=MAIL, role=Role.MEMBER)
    accept_invitation(actor=actor_for(user.person), invitation=invitation)
    pool = city.officer()
    expert = enter_expert(actor=pool, email=MAIL, facts=ExpertFacts("technical", ("materials",), ("qzxv抛光",)))
    expert = advance(EXPERT, declare_ties(actor=actor_for(user.person), expert=expert, ties=()), "consent",
                     actor=actor_for(user.person))  # fmt: skip
    expert = advance(EXPERT, expert, "leave", actor=pool, note=f"{NAME}退休")
    add_member(actor=SYSTEM, organisation=story.bureau, person=user.person, role=Role.OFFICER)
    give_post(actor=SYSTEM, post=story.division, person=user.person)
    recuse(actor=story.handler, approval=asked, person=user.person, reason="亲属")
    notices = NoticeStory(monkeypatch)
    monkeypatch.undo()
    Completer.objects.create(
        achievement=notices.row, person=user.person, name=NAME, share_bp=0, order=notices.row.completers.count() + 1
    )
    notice = notices.prepare()
    Membership.objects.filter(person=user.person).update(until=date(2020, 12, 31))
    assert {table for table, _needle in everywhere()} >= {"kernel.EntryText", "kernel.Notice", "reviews.Expert"}
    assert found_by_name(pool) == 1
    advance(PERSON, user.person, "anonymise", actor=city.officer(), note="本人申请")
    assert everywhere() == []
    assert found_by_name(pool) == 0
    told = dict(Notice.objects.get(pk=notice.pk).content["facts"])
    assert holdings.NAME in told["完成人"]
    assert notice.content_hash == Notice.objects.get(pk=notice.pk).content_hash


def found_by_name(actor):
    return search.search(actor, search.Asked("欧阳", kinds=("expert",))).total


def test_whoever_still_acts_for_somebody_is_not_made_anonymous():
    actor = city.member(city.organisation("在任公司"))
    with pytest.raises(Refused, match="在任公司"):
        advance(PERSON, actor.person, "anonymise", actor=city.officer(), note="本人申请")
    actor.person.refresh_from_db()
    assert actor.person.record.stage == "active"


def test_somebody_without_an_account_is_made_anonymous_too():
    person = register_person(actor=SYSTEM, name=NAME)
    advance(PERSON, person, "anonymise", actor=city.officer(), note="本人申请")
    assert everywhere() == []


def test_the_command_writes_the_same_and_names_who_is_not_there(somebody, tmp_path, capsys):
    user, out = somebody[0], tmp_path / "out.json"
    assert personal_data.run([user.person.record.code, "--out", str(out)]) == 0
    assert json.loads(out.read_text())["person"] == user.person.record.code
    assert personal_data.run(["P-1999-00001"]) == 2
    assert "P-1999-00001" in capsys.readouterr().err
