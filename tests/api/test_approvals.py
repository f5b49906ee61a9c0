"""Approvals in the API: asked for, listed, signed and returned there, within the reach of a token."""

import dataclasses

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kezhuan.areas.approvals.route_actions import StepFacts
from kezhuan.areas.people.token_actions import make_token
from kezhuan.kernel import followers, tokens
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Approval, User
from kezhuan.kernel.scopes import Scope
from kezhuan.kernel.text import today
from tests.api.actors import Api
from tests.areas.approval_story import _made_city, stage_of, story
from tests.factories import city as factory
from tests.factories.scans import blank

__all__ = ["_made_city", "story"]

pytestmark = pytest.mark.django_db


def api_of(actor):
    if not User.objects.filter(person=actor.person).exists():
        User.objects.create_user(f"{actor.person.record.code}@example.com", "", person=actor.person)
    return Api(actor)


def test_an_approval_is_asked_for_listed_signed_and_the_move_is_taken(story):
    story.route()
    asking, code = api_of(story.handler), story.row.record.code
    offered = {one["name"]: one["needs_approval"] for one in asking.read(f"/achievements/{code}/moves")["items"]}
    assert offered == {"register": True, "withdraw": False, "void": False}
    assert asking.refused(f"/achievements/{code}/moves/register", 422) == {"approval": "approval-needed"}
    words = {"note": "请予登记", "considered": "暂缓登记"}
    made = asking.send("/approvals", {"record": code, "move": "register", **words}, 201)
    number = made["code"]
    assert asking.send("/approvals", {"record": code, "move": "register"}, 409)["status"] == 409
    assert asking.refused("/approvals", 422, {"record": code, "move": "void", "note": "x"}) == {"": "approval-no-route"}
    assert asking.refused("/approvals", 422, {"record": "A-1999-1", "move": "x"}) == {"record": "code-unknown"}
    shown = asking.read(f"/approvals/{number}")
    assert (shown["about"]["code"], shown["move"], shown["note"]) == (code, "register", "请予登记")
    assert shown["considered"] == "暂缓登记"
    for actor, opinion in ((story.head, "材料齐全"), (story.director, "同意")):
        api = api_of(actor)
        (waits,) = api.read("/approvals/waiting")["items"]
        assert (waits["approval"]["code"], waits["due_on"], waits["since"]) == (number, None, today().isoformat())
        address = f"/approvals/{number}/steps/{waits['number']}/sign"
        assert asking.send(address, {"opinion": "自签"}, 403)["status"] == 403
        api.send(address, {"opinion": opinion})
        assert api.read("/approvals/waiting")["items"] == []
        assert api.send(address, {}, 409)["status"] == 409
    assert (story.stage, asking.read(f"/approvals/{number}")["stage"]) == ("registered", "completed")
    steps = asking.read(f"/approvals/{number}/steps")["items"]
    assert [(one["post"], one["outcome"], one["opinion"], one["waits"]) for one in steps] == [
        ("成果处处长", "agreed", "材料齐全", False),
        ("分管副局长", "agreed", "同意", False),
    ]


def test_returned_there_the_applicant_reads_the_opinion_addressed_to_them(story):
    story.route()
    approval = story.ask()
    address = f"/approvals/{approval.record.code}/return"
    assert api_of(story.director).send(address, {"opinion": "不妥"}, 403)["status"] == 403
    assert api_of(story.head).refused(address, 422, {"opinion": " "}) == {"note": "note-missing"}
    api_of(story.head).send(address, {"opinion": "完成人证明不足", "to_applicant": True})
    assert stage_of(approval) == "returned"
    told = api_of(story.owner).read(f"/achievements/{story.row.record.code}/history")["items"]
    assert [one["note"] for one in told if one["entry"] == "approval.returned"] == ["完成人证明不足"]


def test_approvals_are_told_to_the_offices_on_the_way_alone(story):
    story.route(story.division)
    approval = story.ask(note="请予登记")
    story.sign(approval, story.head, opinion="内部意见锆英")
    followers.run_pending()
    code, about = approval.record.code, story.row.record.code
    assert api_of(story.colleague).codes("/approvals") == [code]
    addresses = ["", "/steps", "/history", "/moves", "/documents"]
    for actor in (story.owner, factory.officer(), factory.member(factory.organisation())):
        api = api_of(actor)
        assert api.codes("/approvals") == []
        assert api.codes("/search", q=story.row.record.title, kind="approval") == []
        assert [api.get(f"/api/v1/approvals/{code}{end}").status_code for end in addresses] == [404] * 5
        for end in ("", "/history", "/moves"):
            text = api.get(f"/api/v1/achievements/{about}{end}").content.decode()
            assert code not in text
            assert "锆英" not in text
    visitor = Api()
    assert visitor.codes("/approvals") == []
    assert visitor.read("/approvals/waiting")["items"] == []
    # Opinions are searched by nobody, not even by those who may read them.
    assert api_of(story.head).codes("/approvals", q="锆英") == []


def test_a_token_signs_as_far_as_it_reaches(story):
    story.route(story.division)
    approval = story.ask()
    step = approval.steps.get()
    address = f"/approvals/{approval.record.code}/steps/{step.pk}/sign"
    api_of(story.head)  # opens the account
    for writes, status in ((set(), 403), ({"approval"}, 403), ({"approval", "achievement"}, 200)):
        _row, secret = make_token(
            actor=story.head, name="审批", reads={"*"}, writes=writes, expires_on=today(), seed=tokens.new_seed()
        )
        api = Api()
        api.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        api.send(address, {"opinion": "同意"}, status)
        assert (story.stage == "registered") == (status == 200)


def test_a_token_asks_only_for_steps_of_kinds_it_may_change(story):
    story.route()
    narrow = dataclasses.replace(story.handler, scope=Scope(writes=frozenset({"approval"})))
    with pytest.raises(NotAllowed):
        story.ask(actor=narrow)
    assert not Approval.objects.exists()


def sent_file(api, address, status=200, **fields):
    file = SimpleUploadedFile("扫描件.png", blank() + address.encode())
    answer = api.post(f"/api/v1{address}", {"file": file, "declared_open": "true"} | fields)
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def test_steps_are_closed_by_a_sheet_and_by_a_meeting_there_too(story, read_here):
    story.route(story.division, StepFacts(2, story.leader, "collective", numbered=True))
    approval = story.ask()
    code, day = approval.record.code, today().isoformat()
    paper, meeting = (f"/approvals/{code}/steps/{step.pk}" for step in approval.steps.order_by("position"))
    asking = api_of(story.handler)
    signer = {"signer": story.head.person.record.code, "signed_on": day, "opinion": "同意"}
    assert sent_file(api_of(story.owner), f"{paper}/paper", 404, **signer)["status"] == 404
    wrong = sent_file(asking, f"{paper}/paper", 422, **signer | {"signer": story.handler.person.record.code})
    assert [(one["code"], one["field"]) for one in wrong["problems"]] == [("person-unknown", "signer")]
    assert sent_file(asking, f"{paper}/paper", **signer)["stage"] == "running"
    assert sent_file(asking, f"{paper}/paper", 409, **signer)["status"] == 409
    decided = {"meeting": "局长办公会第12次", "held_on": day, "attended": ["李局", "王副局"], "recused": ["赵副局"]}
    decided |= {"minutes_no": "〔2026〕12号纪要", "document_no": "穗科〔2026〕12号", "opinion": "同意登记"}
    assert sent_file(api_of(story.colleague), f"{meeting}/decision", **decided)["stage"] == "completed"
    first, last = asking.read(f"/approvals/{code}/steps")["items"]
    assert (first["outcome"], first["signer"]["code"], first["signed_on"]) == ("sheet", signer["signer"], day)
    assert (last["meeting"], last["attended"], last["recused"]) == ("局长办公会第12次", ["李局", "王副局"], ["赵副局"])
    assert story.stage == "registered"


def test_signers_are_added_and_recused_there_and_another_goes_on(story):
    story.route(story.division)
    approval = story.ask()
    code, other = approval.record.code, factory.post(story.bureau, "法规处处长", story.colleague)
    asking = api_of(story.handler)
    offered = {one["name"]: one["number"] for one in asking.read(f"/approvals/{code}/signers")["items"]}
    assert offered["法规处处长"] == other.pk
    assert asking.refused(f"/approvals/{code}/signers", 422, {"post": 10**9}) == {"post": "post-unknown"}
    asking.send(f"/approvals/{code}/signers", {"post": other.pk, "place": "after", "reason": "合法性审查"})
    assert [one["post"] for one in asking.read(f"/approvals/{code}/steps")["items"]] == ["成果处处长", "法规处处长"]
    head, deputy = story.head.person.record.code, story.deputy.person.record.code
    own = {"person": head, "reason": "亲属为完成人"}
    stranger = own | {"person": story.handler.person.record.code}
    assert asking.refused(f"/approvals/{code}/recusals", 422, stranger) == {"person": "person-unknown"}
    api_of(story.head).send(f"/approvals/{code}/recusals", own)
    assert api_of(story.owner).read(f"/approvals/{code}/signers", 404)["status"] == 404
    assert asking.refused(f"/approvals/{code}/recusals", 422, {"person": deputy, "reason": " "})["reason"]
    taken = api_of(story.director).send(f"/approvals/{code}/take-over", {})
    assert taken["code"] == code
    assert Approval.objects.get(pk=approval.pk).asked_by_id == story.director.person.pk
