"""Papers for signing: a version code and its square on every page, read back from the scan; three ways to sign."""

import io
from datetime import timedelta

import pypdfium2
import pytest
from django.utils import translation
from pypdf import PdfReader, PdfWriter

from kezhuan.areas.needs.actions import edit_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.config import environment
from kezhuan.exchange.models import Printed, SealRequest, Signature, Way
from kezhuan.exchange.papers import printing, seals, signing
from kezhuan.exchange.papers.printing import code_from_typed, is_current, page_said, print_record, version_of
from kezhuan.exchange.papers.signing import add_stamped_scan, ask_seal, confirm_version
from kezhuan.kernel import jobs, registry
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.documents import Upload, read_document
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Entry, Job, JobState
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.scans import blank

pytestmark = pytest.mark.django_db
PROBLEM = "需要大尺寸碳化硅衬底的低缺陷抛光工艺，表面粗糙度 ≤ 0.1 nm。"
LONG = PROBLEM * 20


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA = tmp_path
    return settings


@pytest.fixture
def case():
    firm = city.organisation("甲公司")
    actor = city.member(firm)
    return actor, city.need(firm, by=actor, problem=PROBLEM)


def edited(actor, row, **facts):
    return edit_need(actor=actor, need=row, facts=city.need_facts(**facts), expected_version=row.record.version)


def scanned(content, pages=None, quality=60, size=(1240, 1754)):
    """A PDF as a scanner writes it: pictures of the pages, a little turned and noisy."""
    document = pypdfium2.PdfDocument(content)
    drawn = [document[number].render(scale=2.2).to_pil().convert("L") for number in pages or range(len(document))]
    turned = [one.rotate(1.5, fillcolor="white").resize(size) for one in drawn]
    held = io.BytesIO()
    turned[0].save(held, format="PDF", save_all=True, append_images=turned[1:], quality=quality)
    return held.getvalue()


def stamp(actor, row, content, typed="", name="盖章件.pdf"):
    row = registry.row_of(row.record)
    return add_stamped_scan(actor=actor, row=row, upload=Upload(name, content, True), typed=typed)


def refused(actor, row, content, typed="", name="盖章件.pdf"):
    with translation.override("en"), pytest.raises(Refused) as problem:
        stamp(actor, row, content, typed, name)
    (one,) = problem.value.problems
    return one.code


def test_every_page_carries_the_code_and_says_which_page_it_is(case):
    actor, row = case
    row = edited(actor, row, problem=LONG)
    printed, content = print_record(actor=actor, row=row)
    reader = PdfReader(io.BytesIO(content))
    assert len(reader.pages) > 1
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert printed.code in text
        assert f"第 {number} 页，共 {len(reader.pages)} 页" in text
        assert {font["/Subtype"] for font in page["/Resources"]["/Font"].values()} == {"/Type0"}
    said = [page_said(text) for text in signing.read_scan(content).found]
    assert [(one.code, one.number, one.count) for one in said] == [
        (printed.code, number, len(reader.pages)) for number in range(1, len(reader.pages) + 1)
    ]
    words = "".join(page.extract_text() for page in reader.pages)
    assert row.record.title in words
    assert "甲公司" in words
    assert "020-" not in words  # whom to call is inner


def test_the_code_follows_the_content_and_nothing_else(case):
    actor, row = case
    first, content = print_record(actor=actor, row=row)
    with translation.override("en"):
        again, same = print_record(actor=actor, row=registry.row_of(row.record))
    assert (again, same) == (first, content)
    moved = advance(NEED, row, "submit", actor=actor)
    assert version_of(actor=actor, row=moved)[0] == first
    assert is_current(first, moved, actor)
    back = advance(NEED, moved, "return", actor=city.officer(), note="补充")
    changed = edited(actor, back, problem=f"{PROBLEM}另")
    assert not is_current(first, changed, actor)
    assert version_of(actor=actor, row=changed)[0].code != first.code
    other = city.need(row.record.owner, by=actor, problem=PROBLEM)
    assert version_of(actor=actor, row=other)[0].code != first.code


def test_a_stamped_scan_is_read_back_and_kept_with_what_it_stands_on(case):
    actor, row = case
    printed, content = print_record(actor=actor, row=row)
    scan = scanned(content)
    signature = stamp(actor, row, scan)
    assert (signature.printed, signature.way, signature.code_by) == (printed, Way.STAMPED, "read")
    assert (signature.party, read_document(signature.document)) == (actor.organisation, scan)
    entry = Entry.objects.get(kind="paper.stamped")
    assert (entry.data["code"], entry.data["code_by"]) == (printed.code, "read")
    assert refused(actor, row, scan) == "file-held"
    assert refused(actor, row, b"\x89PNG\r\n\x1a\n" + bytes(40), name="a.png") == "scan-unreadable"


def test_a_scan_of_another_version_is_refused_in_one_sentence(case, read_here):
    actor, row = case
    _printed, content = print_record(actor=actor, row=row)
    scan = scanned(content)
    edited(actor, row, problem="改过")
    assert refused(actor, row, scan) == "scan-version"
    assert not Signature.objects.exists()
    assert not Document.objects.exists()
    back = edited(actor, registry.row_of(row.record), problem=PROBLEM)
    assert stamp(actor, back, scan).code_by == "read"  # what it says is the present version again


def test_a_scan_of_another_record_or_of_mixed_or_missing_pages_is_refused(case, read_here):
    actor, row = case
    row = edited(actor, row, problem=LONG)
    other = city.need(row.record.owner, by=actor, title="另一项")
    _printed, content = print_record(actor=actor, row=row)
    _second, foreign = print_record(actor=actor, row=other)
    assert refused(actor, row, scanned(foreign)) == "scan-foreign"
    assert refused(actor, row, scanned(content, pages=[0])) == "scan-pages"
    assert refused(actor, row, scanned(content, pages=[0, 0])) == "scan-pages"
    both = PdfWriter()
    for one in (content, foreign):
        both.append(io.BytesIO(one))
    held = io.BytesIO()
    both.write(held)
    assert refused(actor, row, held.getvalue()) == "scan-mixed"
    assert refused(actor, row, "纸".encode(), name="a.txt") == "scan-type"
    assert refused(actor, row, b"\x89PNG\r\n\x1a\n" + bytes(40), name="a.png") == "scan-unreadable"


def test_a_code_that_cannot_be_read_is_typed_and_the_history_says_so(case, read_here):
    actor, row = case
    printed, content = print_record(actor=actor, row=row)
    assert refused(actor, row, blank(), name="a.png") == "scan-unread"
    assert refused(actor, row, blank(), "0000-0000-0000-0000", "a.png") == "scan-foreign"
    typed = f" {printed.code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} "
    assert refused(actor, row, scanned(content), "0000") == "scan-typed"
    assert stamp(actor, row, blank(), typed, "a.png").code_by == "typed"
    assert Entry.objects.get(kind="paper.stamped-typed").data["code_by"] == "typed"
    edited(actor, registry.row_of(row.record), problem="改过")
    assert refused(actor, row, blank() + b"0", printed.code, "b.png") == "scan-version"


def test_codes_are_typed_as_people_type():
    assert code_from_typed("abcd efgh-1o0l:mnpq") == "ABCD-EFGH-1001-MNPQ"
    assert page_said("https://example.org/v/ABCD-EFGH-1001-MNPQ/2-3") == printing.Page("ABCD-EFGH-1001-MNPQ", 2, 3)
    for other in ("https://example.org/", "WIFI:S:x;;", "/v/abc/1-2", "/v/ABCD-EFGH-1001-MNPQ/1"):
        assert page_said(other) is None


def test_only_the_owners_members_sign_and_only_who_reads_in_full_prints(case, read_here):
    actor, row = case
    rival, officer = city.member(city.organisation()), city.officer()
    published = city.need(row.record.owner, by=actor, stage="published")
    _printed, content = print_record(actor=officer, row=published)
    for one in (rival, VISITOR):
        with pytest.raises(NotAllowed):
            print_record(actor=one, row=published)
    for one in (rival, officer, VISITOR):
        with pytest.raises(NotAllowed):
            stamp(one, published, content)
        with pytest.raises(NotAllowed):
            confirm_version(actor=one, row=published, code="x")
        with pytest.raises(NotAllowed):
            ask_seal(actor=one, row=published, provider="fake")
    assert stamp(actor, published, content)


def test_a_version_is_confirmed_once_for_a_unit_and_not_when_it_changed_meanwhile(case):
    actor, row = case
    colleague = city.member(row.record.owner)
    printed, content = version_of(actor=actor, row=row)
    with pytest.raises(Conflict):
        confirm_version(actor=actor, row=row, code="0000-0000-0000-0000")
    signature = confirm_version(actor=actor, row=row, code=printed.code)
    assert (signature.way, signature.signed_by, signature.code_by) == (Way.CONFIRMED, actor.person, "")
    # In the place of a stamp stands who confirmed it, for whom, and when.
    kept = read_document(signature.document)
    assert kept == printing.drawn(printed, content, signing._confirmed_by(actor))
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(kept)).pages)
    assert all(one in said for one in (printed.code, "确认单位：甲公司", f"确认人：{actor.name}"))
    assert "盖章）" not in said
    with pytest.raises(Conflict):
        confirm_version(actor=colleague, row=row, code=printed.code)
    assert Entry.objects.get(kind="paper.confirmed").data["way"] == "confirmed"


@pytest.mark.each_database
@pytest.mark.django_db(transaction=True)
def test_a_version_is_printed_and_confirmed_once_however_many_do_at_once(case):
    actor, row = case
    members = [actor, *(city.member(row.record.owner) for _ in range(3))]
    results = at_once([lambda one=one: version_of(actor=one, row=registry.row_of(row.record))[0] for one in members])
    assert len({one.pk for one in results}) == Printed.objects.count() == 1
    code = results[0].code
    results = at_once([lambda one=one: confirm_version(actor=one, row=row, code=code) for one in members])
    assert sorted(type(one).__name__ for one in results) == ["Conflict"] * 3 + ["Signature"]
    assert Signature.objects.count() == Document.objects.count() == 1


class FakeProvider:
    """Seals what it is given after a while: writes a line into the PDF's properties, as a seal adds to the file."""

    label = "测试签章"

    def __init__(self, waits=0, reason="", other=None):
        self.waits, self.reason, self.other, self.handed, self.fails = waits, reason, other, {}, 0

    def begin(self, key, name, content):
        if self.fails:
            self.fails -= 1
            raise seals.ProviderFails("签章平台暂时无法连接。")
        self.handed.setdefault(key, content)
        return f"ref-{key}"

    def outcome(self, reference):
        self.waits -= 1
        if self.waits >= 0:
            return None
        if self.reason:
            return seals.Declined(self.reason)
        writer = PdfWriter(clone_from=io.BytesIO(self.other or self.handed[reference.removeprefix("ref-")]))
        writer.add_metadata({"/Producer": "seal"})
        held = io.BytesIO()
        writer.write(held)
        return seals.Sealed(held.getvalue())


@pytest.fixture
def provider(monkeypatch):
    def offer(**given):
        made = FakeProvider(**given)
        monkeypatch.setitem(seals._providers, "fake", made)
        return made

    return offer


def run_seals():
    Job.objects.filter(name=signing.SEAL_JOB, state=JobState.WAITING).update(
        due_at=printing.now() - timedelta(seconds=1)
    )
    jobs.run_pending()


def test_a_provider_seals_what_was_handed_over_once_and_the_signature_says_so(case, read_here, provider):
    actor, row = case
    fake = provider(waits=1)
    fake.fails = 1
    ask_seal(actor=actor, row=row, provider="fake")
    with pytest.raises(Conflict):
        ask_seal(actor=actor, row=row, provider="fake")
    for _attempt in range(3):
        run_seals()
    signature = Signature.objects.get()
    assert (signature.way, signature.provider, signature.reference) == (
        Way.SEALED,
        "fake",
        f"ref-seal-{SealRequest.objects.get().pk}",
    )
    assert (signature.party, signature.signed_by) == (actor.organisation, actor.person)
    assert len(fake.handed) == 1
    assert SealRequest.objects.get().state == "sealed"
    assert Entry.objects.get(kind="paper.sealed").data["provider"] == "fake"
    assert Job.objects.get(name=signing.SEAL_JOB).state == JobState.DONE


def test_providers_are_named_by_a_setting(monkeypatch):
    monkeypatch.setattr(seals, "_providers", {})
    named = environment.classes(
        "KEZHUAN_SEALS", {"KEZHUAN_SEALS": "city-seal=tests.exchange.test_signing:FakeProvider"}
    )
    seals.load(named)
    assert seals.providers()["city-seal"].label == "测试签章"
    for wrong in ("x", "x=y", "X=a:B", "a=b:C,a=b:D"):
        with pytest.raises(environment.BadSetting):
            environment.classes("KEZHUAN_SEALS", {"KEZHUAN_SEALS": wrong})
    with pytest.raises(ImportError):
        seals.load({"a": "kezhuan.nowhere.Provider"})


def test_a_seal_that_is_declined_too_late_or_on_another_paper_is_none(case, read_here, provider):
    actor, row = case
    provider(reason="印章已停用")
    ask_seal(actor=actor, row=row, provider="fake")
    run_seals()
    assert (SealRequest.objects.get().state, SealRequest.objects.get().reason) == ("declined", "印章已停用")
    provider(other=print_record(actor=actor, row=city.need(row.record.owner, by=actor, title="另一项"))[1])
    ask_seal(actor=actor, row=row, provider="fake")
    run_seals()
    provider(waits=1)
    ask_seal(actor=actor, row=row, provider="fake")
    run_seals()
    edited(actor, registry.row_of(row.record), problem="改过")
    run_seals()
    assert list(SealRequest.objects.values_list("state", flat=True)) == ["declined"] * 3
    assert not Signature.objects.exists()
    with pytest.raises(Refused):
        ask_seal(actor=actor, row=row, provider="other")


def test_every_kind_of_record_is_printed(case):
    _actor, row = case
    unit = city.organisation(kind="university")
    result = city.achievement(unit, stage="listed")
    officer = city.officer()
    introduced = city.introduction(officer, row.record.owner, unit)
    for one in (result, unit, introduced):
        printed, content = print_record(actor=officer, row=registry.row_of(one.record))
        assert printed.code in PdfReader(io.BytesIO(content)).pages[0].extract_text()
        assert is_current(printed, registry.row_of(one.record), officer)
