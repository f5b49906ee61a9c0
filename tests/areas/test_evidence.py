"""What was known when something was decided is kept byte for byte, whatever rules, names and files become."""

import hashlib
import json
from datetime import timedelta

import pytest

from kezhuan.areas.approvals.actions import take_over
from kezhuan.areas.evidence import actions as evidence_actions
from kezhuan.areas.evidence import packing_actions
from kezhuan.areas.evidence.actions import (
    EVIDENCE,
    FIRST_FORMAT,
    Freeze,
    evidence_of,
    file_of,
    hash_of,
    part_hash,
)
from kezhuan.areas.evidence.reconstruction import evidence_files, reconstruct
from kezhuan.areas.notices.actions import object_to_notice, prepare_notice, record_end, record_start
from kezhuan.areas.notices.lifecycle import NOTICE, OBJECTION
from kezhuan.areas.rights.lifecycle import GRANT
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.areas.rights.papers import told_as_evidence
from kezhuan.engines.findings import Unfit
from kezhuan.engines.packages import check_package
from kezhuan.exchange.models import Signature
from kezhuan.kernel import followers, journal, registry, rulebook
from kezhuan.kernel.access import GROUPS
from kezhuan.kernel.documents import (
    Upload,
    attach_document,
    may_withdraw,
    read_document,
    stored_path,
    withdraw_document,
)
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import ApprovalStep, Document, Entry, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import save_days
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.notice_story import LAST_PROOF, PROOF
from tests.factories import city, grants, prices, receipts

pytestmark = pytest.mark.django_db
OTHERS = {"notices", "signatures", "contract"}
"""Parts that the first of two decisions has not."""


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA = tmp_path


def kept(record):
    return list(Document.objects.filter(record=record, kind=EVIDENCE).order_by("pk"))


def fresh(row):
    audiences = (f"record__{group}_to" for group in GROUPS)
    return RightsGrant.objects.select_related("record__owner__record", "achievement", *audiences).get(pk=row.pk)


def test_evidence_of_a_decision_is_the_same_after_rules_names_and_files_have_changed(settings, monkeypatch):
    unit = city.organisation("南粤大学", kind="university", region="440106")
    keeper, member, finance = (city.member(unit, role) for role in (Role.LEGAL, Role.MEMBER, Role.FINANCE))
    for code, days in (("notice.grant.conclude", 5), ("notice.grant.conclude.objections", 0)):
        city.rule(code, days, "calendar days")
    city.rule("meeting.quorum", 5000, "basis points")
    row = grants.grant(unit, keeper, [member], stage="signing")
    paper = attach_document(
        actor=keeper, record=row.record, upload=Upload("检索.txt", "权属检索报告".encode(), True), group="full"
    )
    row = grants._decided(row, keeper, [member])
    (decision,) = kept(row.record)
    held = {"actor": keeper, "row": row, "move": "conclude", "audience": "unit", "reception": "转化处"}
    held["channels"] = ["site", "unit"]
    notice = advance(NOTICE, prepare_notice(**held), "start", actor=keeper)
    objection = object_to_notice(
        actor=city.member(unit), notice=notice, name="周异议", contact="020-12345678", text="比例不符"
    )
    advance(OBJECTION, objection, "dismiss", actor=keeper, note="经核实与贡献一致")
    held = record_start(
        actor=keeper, on=today(), channel=notice.channels.get(kind="unit"), address="行政楼公示栏", proof=PROOF
    )
    notice.channels.update(started_on=today() - timedelta(days=9))
    save_days(notice)
    record_end(actor=keeper, on=today() - timedelta(days=2), channel=held, proof=LAST_PROOF)
    advance(NOTICE, notice, "complete", actor=keeper)
    row = advance(GRANT, fresh(row), "conclude", actor=keeper)
    row = grants._active(fresh(row), keeper, [member])
    first, last = kept(row.record)
    assert first == decision
    bytes_then = {one.pk: read_document(one) for one in (first, last)}
    told = [json.loads(bytes_then[one.pk]) for one in (first, last)]
    meeting = told[0]["approvals"][0]["steps"][0]
    assert (told[0]["move"], meeting["entitled"], meeting["attended"], meeting["recused"]) == (
        "decide", 5, ["赵院长", "钱副院长", "孙书记"], ["林纸笔"],
    )  # fmt: skip
    assert {"grant.floor.share", "income.floor.pool", "meeting.quorum"} <= {one["code"] for one in told[0]["rules"]}
    assert {"name": "检索.txt", "sha256": paper.sha256}.items() <= told[0]["documents"][0].items()
    (said,) = told[1]["notices"][0]["objections"]
    assert said["said_sha256"] == hash_of("周异议", "", "020-12345678", "比例不符")  # and not who it was
    assert "周异议" not in bytes_then[last.pk].decode()
    assert told[1]["signatures"][0]["sha256"] == Signature.objects.get().document.sha256
    assert told[1]["matter"]["wording"] == row.wording
    (held,) = told[1]["index"]["notices"]
    assert held == {
        "no": "4.1", "title": f"{notice.record.code} conclude", "sha256": part_hash(told[1]["notices"][0])
    }  # fmt: skip
    assert told[0]["index"]["documents"][0]["title"] == "检索.txt"

    # Rebuilt from the journal and the rows, field by field, each file is equal.
    for one in (first, last):
        rebuilt = reconstruct(one)
        assert [(field.path, field.row) for field in rebuilt.differing] == []
        assert {field.likeness for field in rebuilt.fields} == {"equal"}
        assert {"matter", "approvals", "rules", "documents", "journal", ""} == {
            one.part for one in rebuilt.fields
        } - OTHERS
    assert {field.path for field in reconstruct(last).fields} >= {
        "notices.1.objections.1.said_sha256", "signatures.1.sha256", "notices.1.channels.1.from", "present",
    }  # fmt: skip

    # Everything around it changes.
    rulebook.add_rule_value(
        actor=city.officer(), code="grant.floor.share", jurisdiction="440100", value=9000, unit="basis points",
        effective_from=today(), source="新规定",
    )  # fmt: skip
    for party in (unit, keeper.person, member.person):
        Record.objects.filter(pk=party.pk).update(title="改名")
        with journal.writing():
            journal.note(f"{party.record.kind}.edit", record=party.record, actor=keeper, data={"fields": ["title"]})
    withdraw_document(actor=keeper, row=registry.row_of(row.record), document=paper)
    row = advance(GRANT, fresh(row), "warn", actor=keeper, note="无进展")
    for one in (first, last):
        again = Document.objects.get(pk=one.pk)
        assert read_document(again) == bytes_then[one.pk]
        assert hashlib.sha256(bytes_then[one.pk]).hexdigest() == again.sha256
        assert Entry.objects.filter(kind="document.attach", data__sha256=again.sha256).exists()
        assert not may_withdraw(keeper, registry.row_of(row.record), again)
    for one in (first, last):  # what the journal tells of is no difference
        rebuilt = reconstruct(one)
        assert [(field.path, field.row) for field in rebuilt.differing] == []
        assert {field.part for field in rebuilt.fields if field.likeness == "renamed"} >= {"", "approvals", "journal"}
    now = evidence_of(fresh(row), "decide", keeper, told_as_evidence(fresh(row)))
    assert file_of(now) != bytes_then[first.pk]  # asked today it would tell otherwise
    assert now["unit"] == "改名"
    assert told[0]["unit"] == "南粤大学"
    # Who reads the record reads it; nobody else does.
    address = f"/documents/{first.pk}/"
    readers = [client_of(one).get(address).status_code for one in (keeper, finance, city.officer("440106"))]
    assert readers == [200, 404, 404]
    assert journal.verify().broken_seq is None
    rebuilt_at = f"/evidence/{first.pk}/"
    readers = [client_of(one).get(rebuilt_at) for one in (keeper, finance, city.officer("440106"))]
    assert [one.status_code for one in readers] == [200, 404, 404]
    # Taken along it is checked without us, also once the site signs with another key.
    client = client_of(keeper)
    packed = client.post(f"{rebuilt_at}package/").content
    (key,) = client_of(None).get("/api/v1/evidence-keys").json()["items"]
    # The later one holds the signed sheet and the proofs of the notice too, and names by its hash what is too much.
    whole = check_package(client.post(f"/evidence/{last.pk}/package/").content, key["public"]).manifest
    minutes, signed = told[0]["approvals"][0]["steps"][0]["minutes_sha256"], told[1]["signatures"][0]["sha256"]
    proofs = [hashlib.sha256(one.content).hexdigest() for one in (PROOF, LAST_PROOF)]
    assert [(one["name"].split("/")[0], one["sha256"]) for one in whole["files"][1:-1]] == [
        ("files", signed), ("minutes", minutes), *(("proofs", one) for one in proofs),
    ]  # fmt: skip
    with monkeypatch.context() as small:
        small.setattr(packing_actions, "LARGEST", last.size + len(PROOF.content))
        full = check_package(client.post(f"/evidence/{last.pk}/package/").content, key["public"]).manifest
    assert proofs[0] in [one["sha256"] for one in full["files"]]
    assert {one["sha256"]: "full" in one["why"] for one in full["not_included"]} == {
        paper.sha256: False, signed: True, minutes: True, proofs[1]: True,
    }  # fmt: skip
    settings.SECRET_KEY = "another secret of thirty-two characters"
    manifest = check_package(packed, key["public"]).manifest
    assert [one["name"].split("/")[0] for one in manifest["files"]] == ["evidence", "minutes", "README.txt"]
    minutes = told[0]["approvals"][0]["steps"][0]["minutes_sha256"]
    assert minutes in [one["sha256"] for one in manifest["files"]]
    (left,) = manifest["not_included"]
    assert (left["what"], left["name"], left["sha256"]) == ("files", "检索.txt", paper.sha256)
    assert "not for this reader" in left["why"]
    assert (
        hashlib.sha256(packed).hexdigest()
        in Entry.objects.filter(kind="evidence.packed").earliest("seq").data["sha256"]
    )
    anew = client_of(keeper).get(f"/api/v1/evidence/{first.sha256}/package")  # the other secret ended that sign-in
    assert anew.status_code == 200
    with pytest.raises(Unfit):
        check_package(anew.content, key["public"])
    page = client_of(None).get("/evidence-keys/").content.decode()
    assert (page.count('class="secret"'), key["public"] in page, "Used before" in page) == (2, True, True)
    assert client_of(finance).get(f"/api/v1/evidence/{first.sha256}/package").status_code == 404
    seen = readers[0].content.decode()
    assert "equals the file that was frozen" in seen
    (entered,) = told[0]["index"]["approvals"]
    called = f"{told[0]['approvals'][0]['code']} Decide together on the grant"
    for shown in (
        called,
        entered["sha256"][:16],
        "赵院长、钱副院长、孙书记",
        "decided by a meeting",
        "named otherwise since",
        "Least share of ownership granted to completers",
    ):
        assert shown in seen

    # What somebody changes past the program is named with its row.
    step = ApprovalStep.objects.get(approval__about=row.record, approval__move="decide")
    ApprovalStep.objects.filter(pk=step.pk).update(attended=["赵院长", "替换者"], entitled=2)
    stored = stored_path(last.sha256)
    stored.chmod(0o600)
    stored.write_bytes(bytes_then[last.pk].replace("南粤大学".encode(), "越南大学".encode()))
    assert [field.path for field in reconstruct(first).differing] == [
        "approvals.1.steps.1.attended", "approvals.1.steps.1.entitled",
    ]  # fmt: skip
    page = client_of(keeper).get(rebuilt_at).content.decode()
    assert f"kernel.ApprovalStep {step.pk}" in page
    assert "替换者" in page
    damaged = client_of(keeper).get(f"/evidence/{last.pk}/")  # other bytes under its hash
    assert (damaged.status_code, last.name in damaged.content.decode()) == (422, True)
    # A row that somebody took away past the program is missed, too.
    Document.objects.filter(pk=paper.pk).delete()
    gone = [(one.path, one.row) for one in reconstruct(first).differing if one.path.startswith("documents")]
    assert gone == [(f"documents.1.{name}", f"kernel.Document {paper.pk}") for name in ("kind", "size")]


def test_every_decision_on_rights_money_and_blame_freezes_what_was_known():
    """Those of a meeting, and each end that somebody may later be asked about."""
    ends = {("grant", "refuse"), ("price", "fail"), ("price", "withdraw"), ("price", "conclude"), ("grant", "agree"),
            ("agreement", "complete"), ("agreement", "terminate"), ("agreement", "give-back"), ("agreement", "sign"),
            ("agreement", "sign-paper"), ("licence", "offer")}  # fmt: skip
    kinds = {"grant", "price", "ledger", "exemption", "agreement", "licence"}
    moves = {
        (kind.slug, name): any(isinstance(step, Freeze) for step in move.then)
        for kind in registry.kinds()
        for name, move in kind.lifecycle.moves.items()
        if kind.slug in kinds and (move.collective or (kind.slug, name) in ends)
    }
    assert len(moves) == len(ends) + 6
    assert [decision for decision, frozen in moves.items() if not frozen] == []


def test_a_row_that_was_changed_past_the_program_after_the_last_step_is_named():
    unit = city.organisation("南粤大学", kind="university", region="440106")
    row = receipts.receipt(unit, city.member(unit, Role.FINANCE), stage="settled")
    (file,) = kept(row.record)
    assert [field.likeness for field in reconstruct(file).fields if field.path == "present"] == ["equal"]
    row.members.filter(number=1).update(fen=1)
    (wrong,) = reconstruct(file).differing
    assert (wrong.path, wrong.row) == ("present", f"rights.Distribution {row.pk}")
    assert list(evidence_files(row.record.code)) == [file]


def test_what_was_said_when_a_decision_was_taken_stands_in_its_evidence_file_and_equals_the_journal(monkeypatch):
    unit = city.organisation("南粤大学", kind="university", region="440106")
    finance = city.member(unit, Role.FINANCE)

    def told(says=True):
        row = prices.price(unit, finance)
        with monkeypatch.context() as before:
            if not says:
                before.setattr(journal, "noted_now", lambda record, kinds: [])
                before.setattr(evidence_actions, "SAYS", "older")
            grants.decided(row, finance, opinion="同意赋权")
        (file,) = kept(row.record)
        [step] = json.loads(read_document(file))["approvals"][0]["steps"]
        fields = {one.path: str(one.likeness) for one in reconstruct(file).fields}
        return step["opinion_sha256"], fields["approvals.1.steps.1.opinion_sha256"], set(fields.values())

    assert told() == (hash_of("同意赋权"), "equal", {"equal"})
    file = Document.objects.filter(kind=EVIDENCE).latest("pk")
    page = client_of(finance).get(f"/evidence/{file.pk}/").content.decode()
    before = Entry.objects.filter(record=file.record).order_by("seq").first()
    assert (f"{before.seq} entered" in page, "price.open" in page) == (True, False)
    # Files that were frozen before hold nothing there: nobody has changed them.
    assert told(says=False) == ("", "untold", {"equal", "untold"})


def test_the_evidence_of_what_a_meeting_decided_before_its_notice_equals_the_journal_whoever_took_it_over():
    unit = city.organisation("南粤大学", kind="university", region="440106")
    finance, colleague = city.member(unit, Role.FINANCE), city.member(unit, Role.ADMINISTRATOR)
    row = receipts.receipt(unit, finance, stage="proposed")
    city.rule("notice.distribution.settle", 1, "calendar days")
    asked = grants.decided(row, finance, "settle")
    take_over(actor=colleague, approval=asked)
    city.laid_open(row, "settle", colleague)
    followers.run_pending()
    (file,) = kept(row.record)
    [told] = json.loads(read_document(file))["approvals"]
    assert (told["stage"], told["asked_by"]) == ("completed", colleague.person.record.title)
    assert {one.likeness for one in reconstruct(file).fields} == {"equal"}


def test_a_settled_distribution_keeps_what_it_was_settled_on(monkeypatch):
    """Here in the form that files had first, whose index counts: they are rebuilt and read as the others are."""
    monkeypatch.setattr(evidence_actions, "FORMAT", FIRST_FORMAT)
    unit = city.organisation("南粤大学", kind="university", region="440106")
    finance = city.member(unit, Role.FINANCE)
    row = receipts.receipt(unit, finance, stage="settled")
    (file,) = kept(row.record)
    told = json.loads(read_document(file))
    assert told["matter"]["result"] == row.result
    assert [one["fen"] for one in told["matter"]["members"]] == [47_250_000, 15_750_000]
    rules = {"income.floor.pool", "income.floor.main", "notice.distribution.settle"}
    assert {one["code"] for one in told["rules"]} == rules
    assert told["index"]["rules"] == 3
    assert {one.likeness for one in reconstruct(file).fields} == {"equal"}
    page = client_of(finance).get(f"/evidence/{file.pk}/").content.decode()
    assert (part_hash(told["matter"])[:16] in page, "472,500.00" in page) == (True, True)
