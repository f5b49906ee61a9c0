"""Quotes, confirmations, equity, reports and signed sheets with their files in the API, and everybody's own share."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kezhuan.areas.evaluations.grading_actions import enter_findings
from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.prices.models import Price
from kezhuan.areas.rights.actions import sign_split
from kezhuan.areas.rights.distribution_actions import Share
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.exchange.papers import signing
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, evaluations, grants, ledgers, prices, receipts
from tests.factories.scans import blank, read_here

pytestmark = pytest.mark.django_db
COMPANY = "91440101MA59HUKE23"


class Office:
    """A university's finance and legal office, each with the API at hand."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.finance, self.legal = city.member(self.unit, Role.FINANCE), city.member(self.unit, Role.LEGAL)

    def send(self, actor, path, file=None, status=200, **fields):
        held = {"file": SimpleUploadedFile(file[0], file[1])} if file is not None else {}
        tag = client_of(actor).get(f"/api/v1{'/'.join(path.split('/')[:3])}").headers["ETag"]
        made = client_of(actor).post(f"/api/v1{path}", fields | held, headers={"If-Match": tag})
        assert made.status_code == status, made.content
        return made.json()


@pytest.fixture
def office(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    monkeypatch.setattr(signing, "read_scan", read_here)
    return Office()


def test_a_sealed_quote_is_opened_and_a_deal_confirmed_with_their_files(office):
    row = prices.price(office.unit, office.finance, basis="enquiry", basis_text="")
    words = "报价玖拾万元 7f3a".encode()
    row.quotes.update(seal=hashlib.sha256(words).hexdigest())
    path = f"/prices/{row.record.code}"
    open_it = {"fen": 90_000_000, "declared_open": "true"}
    wrong = office.send(office.finance, f"{path}/quotes/1/opening", ("报价.txt", b"x"), 422, **open_it)
    assert wrong["problems"][0]["code"] == "price-quote-other"
    office.send(office.finance, f"{path}/quotes/1/opening", ("报价.txt", words), **open_it)
    quote = client_of(office.finance).get(f"/api/v1{path}").json()["quotes"][0]
    assert (quote["fen"], quote["opened_on"]) == (90_000_000, today().isoformat())
    other = prices.price(office.unit, office.finance, way="listing")
    Record.objects.filter(pk=other.pk).update(stage="decided", phase="reviewing")
    path = f"/prices/{other.record.code}/confirmation"
    office.send(office.finance, path, ("成交确认书.txt", "成交".encode()), declared_open="true")
    assert Document.objects.get(record=other.record).kind == "deal-confirmation"
    assert Price.objects.get(pk=other.pk).record.stage == "decided"


def test_the_asset_company_is_named_and_equity_given_up(office):
    row = ledgers.entry(office.unit, office.finance, used=True)
    api = client_of(office.finance)
    named = api.post(
        "/api/v1/asset-companies", {"name": "南粤资产公司", "code": COMPANY}, content_type="application/json"
    )
    assert (named.status_code, named.json()) == (200, {"name": "南粤资产公司", "code": COMPANY})
    stranger = client_of(city.member(office.unit))
    refused = stranger.post(
        "/api/v1/asset-companies", {"name": "别的公司", "code": COMPANY}, content_type="application/json"
    )
    assert refused.status_code == 403
    path = f"/ledger/{row.record.code}/equity/1/exit"
    told = {"on": today().isoformat(), "proceeds_fen": 99}
    loss = office.send(office.finance, path, status=422, **told)
    assert [one["code"] for one in loss["problems"]] == ["ledger-loss-decision", "ledger-loss-file"]
    decided = told | {"decision": "院长办公会〔2026〕3号", "declared_open": "true"}
    office.send(office.finance, path, ("评估.txt", "尽职调查".encode()), **decided)
    equity = api.get(f"/api/v1/ledger/{row.record.code}").json()["equity"][0]
    assert (equity["proceeds_fen"], equity["exited_on"]) == (99, today().isoformat())


def test_an_agency_adds_its_report_and_a_sheet_is_entered(office):
    agency = city.organisation("评价服务公司", kind="agency", region="440106")
    judge = city.member(agency)
    member = city.member(office.unit)
    row = evaluations.evaluation(office.unit, member)
    Evaluation.objects.filter(pk=row.pk).update(agency=agency, agency_contract="委〔2026〕8号")
    row = Evaluation.objects.select_related("record__owner__record", "agency", "achievement").get(pk=row.pk)
    row = advance(EVALUATION, row, "submit", actor=member)
    row = advance(EVALUATION, row, "accept", actor=judge)
    report = ("报告.png", blank())
    office.send(judge, f"/evaluations/{row.record.code}/agency-report", report, declared_open="true")
    assert Document.objects.filter(record=row.record, kind="agency-report").count() == 1
    people = [city.member(office.unit)]
    about = grants.achievement(office.unit, people, paper=True)
    grant = grants.grant(office.unit, office.legal, people, stage="signing", about=about)
    for one in people:
        grant = sign_split(actor=one, grant=grant, wording=grant.wording)
    scan = grants.signed_scan(grant, office.legal)
    office.send(
        office.legal,
        f"/grants/{grant.record.code}/sheet",
        ("签字页.pdf", scan.content),
        numbers=[1],
        declared_open="true",
    )
    assert set(RightsGrant.objects.get(pk=grant.pk).members.values_list("signed", flat=True)) == {grant.wording}


def test_everybody_asks_for_their_own_share(office):
    mine, other = city.member(office.unit), city.member(office.unit)
    grant = grants.grant(office.unit, office.legal, [mine], stage="signing")
    shared = (Share(mine.name, "main", 1, mine.person),)
    row = receipts.receipt(office.unit, office.finance, stage="settled", members=shared)
    told = client_of(mine).get("/api/v1/my-share").json()
    assert (told["paid_fen"], told["coming_fen"], told["paid_shares"]) == (0, 63_000_000, 0)
    assert [(one["grant"], one["part_bp"], one["signed"]) for one in told["parts"]] == [
        (grant.record.code, 10_000, False)
    ]
    assert [(one["distribution"], one["fen"], one["role"]) for one in told["shares"]] == [
        (row.record.code, 63_000_000, "main")
    ]
    row.members.update(paid_on=today(), voucher="付1")
    told = client_of(mine).get("/api/v1/my-share").json()
    assert (told["paid_fen"], told["coming_fen"]) == (63_000_000, 0)
    empty = client_of(other).get("/api/v1/my-share").json()
    assert (empty["parts"], empty["shares"], empty["coming_fen"]) == ([], [], 0)
    assert client_of(None).get("/api/v1/my-share").status_code in {401, 403}


def test_the_highest_grade_of_advancement_rests_on_a_metric_that_is_better(office):
    officer = city.bureau()
    row = evaluations.evaluation(office.unit, city.member(office.unit), stage="evaluating", officer=officer)
    row.metrics.update(own=1)  # nobody's is worse
    find = {"actor": officer, "evaluation": row, "facts": evaluations.findings(advancement=7)}
    with pytest.raises(Refused) as refused:
        enter_findings(**find)
    assert [one.code for one in refused.value.problems] == ["evaluation-advancement"]
    row.metrics.update(own="0.08")
    assert enter_findings(**find).advancement == 7
