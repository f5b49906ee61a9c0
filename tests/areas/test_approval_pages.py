"""Pages of approvals: asked for and signed in a browser's steps, told to those entitled and to nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from kezhuan.areas.approvals.route_actions import StepFacts
from kezhuan.kernel.models import Approval, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.approval_story import _made_city, stage_of, story
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.scans import blank

__all__ = ["_made_city", "story"]

pytestmark = pytest.mark.django_db


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_step_is_asked_for_signed_and_taken(story):
    story.route()
    code, asking = story.row.record.code, client_of(story.handler)
    page = text_of(asking, f"/achievements/{code}/")
    assert f"/records/{code}/approvals/register/new/" in page
    assert f"/records/{code}/moves/register/" not in page
    assert "成果处处长" in text_of(asking, f"/records/{code}/approvals/register/new/")
    answer = asking.post(f"/records/{code}/approvals/register/new/", {"note": "请予登记"})
    approval = Approval.objects.select_related("record").get()
    address = f"/approvals/{approval.record.code}/"
    assert answer["Location"] == address
    assert f"/records/{code}/approvals/register/new/" not in text_of(asking, f"/achievements/{code}/")
    running = asking.get(f"/records/{code}/approvals/register/new/")
    told = f"The approval {approval.record.code} is on its way already."
    assert (running.status_code, running.context["sentence"]) == (403, told)
    assert running.context["ways"][0].url == address
    for actor, opinion in ((story.head, "材料齐全"), (story.director, "同意登记")):
        signing = client_of(actor)
        assert approval.record.code in text_of(signing, "/inbox/")
        decisions = text_of(signing, "/decisions/")
        assert all(told in decisions for told in (address, "what this step asks for is there", "files: 0"))
        step = approval.steps.filter(closed_at=None).first()
        assert f"{address}steps/{step.pk}/sign/" in text_of(signing, address)
        assert "请予登记" in text_of(signing, f"{address}steps/{step.pk}/sign/")
        assert signing.post(f"{address}steps/{step.pk}/sign/", {"opinion": opinion})["Location"] == address
        assert approval.record.code not in text_of(signing, "/inbox/")
        assert "Nothing waits for you to decide" in text_of(signing, "/decisions/")
        assert signing.post(f"{address}steps/{step.pk}/sign/", {"opinion": opinion}).status_code == 409
    assert story.stage == "registered"
    assert Client().get("/decisions/")["Location"] == "/sign-in/?next=%2Fdecisions%2F"
    for shown in (address, f"/achievements/{code}/"):
        page = text_of(asking, shown)
        assert "材料齐全" in page
        assert "同意登记" in page
    for reader in (story.owner, city.officer(), None):
        page = text_of(client_of(reader), f"/achievements/{code}/")
        assert "材料齐全" not in page
        assert approval.record.code not in page
        assert client_of(reader).get(address).status_code == 404


def test_an_opinion_is_kept_when_the_signature_is_refused(story):
    story.route(story.division)
    approval = story.ask()
    story.row.completers.all().delete()
    step = approval.steps.get()
    answer = client_of(story.head).post(
        f"/approvals/{approval.record.code}/steps/{step.pk}/sign/", {"opinion": "同意，请尽快"}
    )
    assert answer.status_code == 422
    assert "同意，请尽快" in answer.content.decode()


def test_returning_to_the_applicant_shows_them_the_opinion_and_withdrawing_is_a_move(story):
    story.route()
    approval = story.ask()
    address = f"/approvals/{approval.record.code}/"
    assert client_of(story.director).get(f"{address}return/").status_code == 403
    answer = client_of(story.head).post(f"{address}return/", {"opinion": "完成人证明不足", "to_applicant": "on"})
    assert answer["Location"] == address
    assert stage_of(approval) == "returned"
    assert "完成人证明不足" in text_of(client_of(story.owner), f"/achievements/{story.row.record.code}/")
    again = story.ask()
    moved = client_of(story.colleague).post(f"/records/{again.record.code}/moves/withdraw/", {})
    assert moved.status_code == 302
    assert stage_of(again) == "withdrawn"


def test_pages_are_for_those_whom_they_concern(story):
    story.route()
    approval = story.ask()
    step = approval.steps.first()
    address = f"/approvals/{approval.record.code}/"
    assert client_of(story.colleague).get(f"{address}steps/{step.pk}/sign/").status_code == 403
    assert client_of(story.head).get(f"{address}steps/{step.pk + 1000}/sign/").status_code == 404
    assert client_of(story.owner).get(f"{address}steps/{step.pk}/sign/").status_code == 404
    code = story.row.record.code
    # Inside the unit the bureau's route says nothing; an officer of elsewhere may not take the step.
    assert client_of(story.owner).get(f"/records/{code}/approvals/register/new/").status_code == 404
    assert client_of(city.officer("440117")).get(f"/records/{code}/approvals/register/new/").status_code == 403
    assert client_of(story.handler).get(f"/records/{code}/approvals/void/new/").status_code == 404
    assert client_of(story.handler).get(f"/records/{code}/approvals/nothing/new/").status_code == 404


def test_the_number_of_queries_does_not_depend_on_how_many_steps_wait(story, django_assert_max_num_queries):
    story.route()
    counts = []
    for number in (1, 3):
        while Approval.objects.count() < number:
            story.row = city.achievement(story.unit, stage="listed")
            story.ask()
        client = client_of(story.head)
        with django_assert_max_num_queries(60) as asked:
            text_of(client, "/inbox/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    record = Record.objects.get(pk=Approval.objects.order_by("-pk").first().pk)
    with django_assert_max_num_queries(45):
        text_of(client, f"/approvals/{record.code}/")


SCAN = blank()


def test_steps_are_closed_on_paper_and_by_a_meeting_and_printed_as_one_sheet(story, read_here):
    story.route(story.division, StepFacts(2, story.leader, "collective", numbered=True))
    approval = story.ask(note="请予登记")
    address, client = f"/approvals/{approval.record.code}/", client_of(story.handler)
    first, second = approval.steps.all()
    page = text_of(client, address)
    assert f"{address}steps/{first.pk}/paper/" in page
    assert f"{address}steps/{first.pk}/sign/" not in page
    form = {"signer": story.head.person.pk, "signed_on": today().isoformat(), "opinion": "同意上报"}
    assert client.post(f"{address}steps/{first.pk}/paper/", form).status_code == 422
    upload = {"file": SimpleUploadedFile("签批件.png", SCAN), "declared_open": "on"}
    assert client.post(f"{address}steps/{first.pk}/paper/", form | upload)["Location"] == address
    assert f"{address}steps/{second.pk}/meeting/" in text_of(client_of(story.director), address)
    told = text_of(client, f"{address}steps/{second.pk}/meeting/")
    assert "No rule value says here how many have to attend" in told
    with transaction.atomic():
        city.rule("meeting.quorum", 6667, "basis points")
        told = text_of(client, f"{address}steps/{second.pk}/meeting/")
        assert "66.67 % of them have to attend" in told
        assert "No rule value says here" not in told
        transaction.set_rollback(True)
    form = {
        "meeting": "局长办公会 2026 年第 12 次", "held_on": today().isoformat(), "attended": "王局长、李副局长",
        "recused": "周处长", "minutes_no": "〔2026〕12号纪要", "opinion": "会议同意。", "declared_open": "on",
    }  # fmt: skip
    scan = {"file": SimpleUploadedFile("纪要.png", SCAN + b"1")}
    answer = client.post(f"{address}steps/{second.pk}/meeting/", form | scan)
    assert answer.status_code == 422
    assert "王局长、李副局长" in answer.content.decode()
    scan = {"file": SimpleUploadedFile("纪要.png", SCAN + b"1")}
    form["document_no"] = "穗科〔2026〕12号"
    assert client.post(f"{address}steps/{second.pk}/meeting/", form | scan)["Location"] == address
    assert story.stage == "registered"
    sheet = text_of(client, f"{address}sheet/")
    for words in (
        "同意上报",
        "局长办公会 2026 年第 12 次",
        "王局长、李副局长",
        "周处长",
        "穗科〔2026〕12号",
        "请予登记",
    ):
        assert words in sheet
    for reader in (story.owner, city.officer(), None):
        assert client_of(reader).get(f"{address}sheet/").status_code == 404
        number = approval.record.documents.first().pk
        assert client_of(reader).get(f"/documents/{number}/").status_code == 404


def test_a_signer_is_added_somebody_recused_and_the_approval_taken_over_on_its_page(story):
    auditor = city.member(story.bureau, Role.OFFICER)
    audit = city.post(story.bureau, "机关纪委书记", auditor)
    story.route()
    approval = story.ask()
    address = f"/approvals/{approval.record.code}/"
    signing = client_of(story.head)
    page = text_of(signing, address)
    assert f"{address}take-over/" in page
    form = {"post": audit.pk, "place": "after", "reason": "涉及资金"}
    assert signing.post(f"{address}add-signer/", form | {"post": "x"}).status_code == 422
    assert signing.post(f"{address}add-signer/", form)["Location"] == address
    assert approval.steps.get(post=audit).position == 2
    assert client_of(story.colleague).post(f"{address}take-over/")["Location"] == address
    assert f"{address}take-over/" not in text_of(client_of(story.colleague), address)
    form = {"person": story.head.person.pk, "reason": "亲属"}
    assert signing.post(f"{address}recuse/", form)["Location"] == address
    assert client_of(story.head).get(f"{address}steps/{approval.steps.first().pk}/sign/").status_code == 403
    form = {"person": story.deputy.person.pk, "reason": "亲属"}
    assert client_of(story.colleague).post(f"{address}recuse/", form)["Location"] == address
    assert "Nobody who may sign" in text_of(client_of(story.colleague), address)
    for reader in (story.owner, city.officer(), None):
        for name in ("add-signer", "recuse", "take-over", "return"):
            assert client_of(reader).post(f"{address}{name}/").status_code == 404
