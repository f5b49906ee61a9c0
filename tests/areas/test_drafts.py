"""A draft until it is submitted or thrown away: all that is wrong is told at once and at its place."""

from typing import Any

import pytest
from django.test import Client

from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.search import Asked, search
from tests.areas.crawling import client_of
from tests.factories.city import achievement, member, need, officer, organisation

pytestmark = pytest.mark.django_db

EMPTY = {f"{name}-{what}_FORMS": "0" for name in ("indicators", "rights", "completers", "owners")
         for what in ("TOTAL", "INITIAL")}  # fmt: skip


@pytest.fixture
def firm(db: None) -> Actor:
    return member(organisation("穗芯公司"), Role.ADMINISTRATOR)


@pytest.fixture
def client(firm: Actor) -> Client:
    return client_of(firm)


def told(answer: Any) -> list[tuple[str, str]]:
    return [(problem.field_id, str(problem.message)) for problem in answer.context["problems"]]


@pytest.mark.parametrize("make", [need, achievement], ids=["need", "achievement"])
def test_discarded_draft_is_found_by_nobody_and_kept_by_the_journal(make: Any, firm: Actor, client: Client) -> None:
    record = make(firm.organisation, by=firm).record
    page, move = f"/{record.kind}s/{record.code}/", f"/records/{record.code}/moves/discard/"
    assert client.post(move, {"expected_stage": "draft"}, follow=True).redirect_chain == [(f"/{record.kind}s/", 302)]
    for actor in (firm, officer(), None):
        assert client_of(actor).get(page).status_code == 404
    assert search(firm, Asked(kinds=(record.kind,))).total == 0
    assert Entry.objects.filter(record=record).last().data == {"from": "draft", "to": "discarded"}
    assert client.post(move).status_code == 404


def test_what_was_done_is_said_once_on_the_next_page_and_in_its_title(firm: Actor, client: Client) -> None:
    made = client.post("/needs/new/", {"title": "抛光", "confidentiality": "public", "trl_scale": "trl9",
        "source": "self", **EMPTY}, follow=True)  # fmt: skip
    sentence = "Saved as a draft. Submit it when it is complete."
    assert made.content.decode().count(sentence) == 2
    assert f"<title>{sentence}" in made.content.decode()
    code = Record.objects.get(kind="need").code
    assert sentence not in client.get(f"/needs/{code}/").content.decode()
    assert "“Discard the draft” is done" in client.post(f"/records/{code}/moves/discard/", follow=True).content.decode()


def test_a_draft_says_by_which_step_it_goes_on() -> None:
    begun = client_of(officer()).post("/calls/new/?template=challenge", {"title": "揭榜", "call_kind": "challenge",
        "disclosure": "public", "grace_minutes": "0", "related_rule": "refuse", "readers_asked": "3",
        "award_rule": "item", "notice_day_kind": "working", "poster_pays": "warn", "paid_on": "signing",
        **{f"{rows}-{what}_FORMS": "0" for rows in ("conditions", "questions", "criteria", "stages")
           for what in ("TOTAL", "INITIAL")}}, follow=True)  # fmt: skip
    assert [str(one.message) for one in begun.context.get("problems") or ()] == []
    assert "Saved as a draft. The next step when it is complete: “Publish”." in begun.content.decode()


def test_refused_step_leads_to_each_field_that_is_missing(firm: Actor, client: Client) -> None:
    code = need(firm.organisation, by=firm, problem="", budget_fen=None, indicators=()).record.code
    refused = client.post(f"/records/{code}/moves/submit/")
    assert refused.status_code == 422
    form = f"/needs/{code}/edit/?before=submit"
    assert [line.url for line in refused.context["problems"]] == [
        f"{form}#id_{name}" for name in ("summary", "indicators", "budget")
    ]
    assert refused.context["ways"][0].url == form
    shown = client.get(form)
    assert shown.status_code == 200
    assert [field for field, _message in told(shown)] == ["id_summary", "id_indicators", "id_budget"]
    text = shown.content.decode()
    for field, message in told(shown):
        assert text.count(f'id="{field}"') == 1
        assert text.count(message) == 2  # in the list, and at its field
    assert told(client.get(f"/needs/{code}/edit/")) == []


def test_whoever_may_not_change_the_record_is_led_to_no_form(firm: Actor) -> None:
    code = achievement(firm.organisation, by=firm, stage="listed", completers=()).record.code
    refused = client_of(officer()).post(f"/records/{code}/moves/register/")
    assert [(line.url, line.field_id) for line in refused.context["problems"]] == [("", "")]


def test_rules_are_told_in_one_round_with_what_cannot_be_read(client: Client) -> None:
    typed = {"title": "", "confidentiality": "public", "trl_scale": "trl9", "source": "self", "budget": "0",
             "min_trl": "12", "deadline": "2020-01-01", **EMPTY, "indicators-TOTAL_FORMS": "1",
             "indicators-0-name": "粗糙度", "indicators-0-operator": "≥", "indicators-0-value": "abc"}  # fmt: skip
    answer = client.post("/needs/new/", typed)
    assert answer.status_code == 422
    assert [field for field, _message in told(answer)] == [
        "id_title", "id_budget", "id_min_trl", "id_deadline", "id_indicators",
    ]  # fmt: skip
    assert "“abc”" in told(answer)[-1][1]
    text = answer.content.decode()
    for _field, message in told(answer)[1:]:
        assert text.count(message) == 2
    assert answer.context["form"]["deadline"].errors
    assert not Record.objects.filter(kind="need").exists()


def test_number_of_a_right_is_told_at_its_own_row_beside_other_mistakes(client: Client) -> None:
    typed = {"title": "", "secrecy": "public", "trl_scale": "trl9", "trl": "10", **EMPTY, "rights-TOTAL_FORMS": "2"}
    rows = [{"kind": "invention", "status": "granted", "number": number} for number in ("201710601862.3", "ZL2021.1")]
    typed |= {f"rights-{at}-{name}": value for at, row in enumerate(rows) for name, value in row.items()}
    answer = client.post("/achievements/new/", typed)
    assert [field for field, _message in told(answer)] == ["id_title", "id_rights-1-number", "id_trl"]


def test_past_day_and_a_figure_without_a_number_are_not_submitted(firm: Actor, client: Client) -> None:
    row = need(firm.organisation, by=firm)
    type(row).objects.update(deadline="2020-01-01")
    row.indicators.create(order=2, name="良率", operator="≥", value="高", unit="%", test_method="检验")
    refused = client.post(f"/records/{row.record.code}/moves/submit/")
    assert [line.url.partition("#")[2] for line in refused.context["problems"]] == ["id_deadline", "id_indicators"]


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("/achievements/new/", "completers"),
        ("/grants/new/", "members"),
        ("/distributions/new/", "members"),
        ("/distributions/new/?way=equity", "members"),
        ("/distributions/new/?way=profit", "members"),
        ("/routes/new/", "steps"),
    ],
)
def test_somebody_is_added_to_a_form_whose_rows_know_the_people_of_the_unit(
    address: str, rows: str, client: Client
) -> None:
    grown = client.post(address, {f"{rows}-TOTAL_FORMS": "0", f"{rows}-INITIAL_FORMS": "0", "add_row": rows})
    assert (grown.status_code, f'name="{rows}-0-' in grown.content.decode()) == (200, True)
