"""Registered contracts as Open Contracting data: what the standard requires is there, both amounts stand apart."""

import json

import pytest
from django.conf import settings

from kezhuan.areas.contracts import pages_ocds
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db

REQUIRED = {
    "": ("uri", "version", "publishedDate", "publisher", "releases"),
    "release": ("ocid", "id", "date", "tag", "initiationType"),
    "part": ("id",),
    "contract": ("id", "awardID"),
}
"""What the schema of release packages 1.1 requires."""
TAGS = {"planning", "tender", "award", "contract", "contractAmendment", "implementation", "contractTermination"}
STATES = {"pending", "active", "cancelled", "terminated"}


def fits(package):
    """The package, after everything that the schema requires of it was asked."""
    assert set(REQUIRED[""]) <= set(package)
    assert package["version"] == "1.1"
    assert package["publisher"]["name"]
    ids = [one["id"] for one in package["releases"]]
    assert len(ids) == len(set(ids))
    for one in package["releases"]:
        assert set(REQUIRED["release"]) <= set(one)
        assert set(one["tag"]) <= TAGS
        known = {party["id"] for party in one["parties"]}
        assert one["buyer"]["id"] in known
        awards = {award["id"] for award in one["awards"]}
        assert {supplier["id"] for award in one["awards"] for supplier in award["suppliers"]} <= known
        for contract in one["contracts"]:
            assert set(REQUIRED["contract"]) <= set(contract)
            assert contract["awardID"] in awards
            assert contract["status"] in STATES
        assert not any(value in ("", None, [], {}) for value in one.values())
    return package


def test_registered_contracts_are_a_release_package_with_both_amounts_apart(settings):
    settings.OCID_PREFIX = "ocds-abc123"
    unit = city.organisation("南粤大学", kind="university")
    keeper = city.member(unit, Role.ADMINISTRATOR)
    registrar = city.registrars()[0]
    rows = [city.contract(unit, by=keeper, stage="registered", name=f"合同{number}") for number in range(2)]
    city.contract(unit, by=keeper, stage="passed", name="未登记")
    rows[1] = advance(CONTRACT, rows[1], "revoke", actor=registrar, reason="fake", note="虚构")
    asked = {"since": today().isoformat(), "until": today().isoformat()}
    answer = client_of(registrar).post("/contracts/ocds/", asked)
    told = fits(json.loads(answer.getvalue()))
    assert [one["contracts"][0]["title"] for one in told["releases"]] == ["合同0", "合同1"]
    first, second = told["releases"]
    assert first["ocid"] == f"ocds-abc123-{rows[0].record.uid}"
    assert (first["tag"], second["tag"]) == (["contract"], ["contractTermination"])
    assert (first["contracts"][0]["status"], second["contracts"][0]["status"]) == ("active", "cancelled")
    rows[0].refresh_from_db()
    amounts = (first["contracts"][0]["value"], first["contracts"][0]["technologyValue"])
    assert [round(one["amount"] * 100) for one in amounts] == [
        rows[0].registered_turnover_fen, rows[0].registered_technology_fen,
    ]  # fmt: skip
    supplier = next(one for one in first["parties"] if one["roles"] == ["supplier"])
    assert supplier["identifier"]["id"] == rows[0].seller_code
    assert Entry.objects.filter(kind="export.contracts").count() == 1
    # Others read none of it; without days it says what is missing.
    stranger = city.member(city.organisation(), Role.ADMINISTRATOR)
    assert fits(json.loads(client_of(stranger).post("/contracts/ocds/", asked).getvalue()))["releases"] == []
    assert client_of(None).post("/contracts/ocds/", asked).status_code in {302, 403}
    assert client_of(registrar).post("/contracts/ocds/", {}).status_code == 422
    assert "/contracts/ocds/" in client_of(keeper).get("/contracts/").content.decode()


def test_more_contracts_than_a_file_holds_are_taken_in_parts_and_by_the_api_package_by_package(monkeypatch):
    unit = city.organisation("南粤大学", kind="university")
    keeper = city.member(unit, Role.ADMINISTRATOR)
    registrar = city.registrars()[0]
    rows = [city.contract(unit, by=keeper, stage="registered", name=f"合同{number}") for number in range(3)]
    city.contract(unit, by=keeper, stage="passed", name="未登记")
    monkeypatch.setattr(pages_ocds, "MOST", 2)
    asked = {"since": today().isoformat(), "until": today().isoformat()}
    client = client_of(registrar)
    refused = client.post("/contracts/ocds/", asked)
    assert (refused.status_code, "choose a part from 1 to 2" in refused.content.decode()) == (422, True)
    assert client.post("/contracts/ocds/", asked | {"part": 3}).status_code == 422
    files = [client.post("/contracts/ocds/", asked | {"part": part}) for part in (1, 2)]
    assert "-2.json" in files[1]["Content-Disposition"]
    told = [fits(json.loads(one.getvalue())) for one in files]
    wanted = [f"合同{number}" for number in range(3)]
    assert [one["contracts"][0]["title"] for part in told for one in part["releases"]] == wanted
    assert Entry.objects.filter(kind="export.contracts").count() == 2
    # By the API each package leads to the next, until the last; a day without any has none.
    address, found = "/api/v1/contracts-ocds?limit=2", []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content.decode()
        one = fits(answer.json())
        found += [release["contracts"][0]["title"] for release in one["releases"]]
        address = one.get("links", {}).get("next", "").replace(settings.SITE_URL, "")
    assert found == wanted
    assert client.get("/api/v1/contracts-ocds?until=2000-01-01").json()["releases"] == []
    assert len(client.get(f"/api/v1/contracts-ocds?since={today()}").json()["releases"]) == 3
    assert client_of(None).get("/api/v1/contracts-ocds").json()["releases"] == []
    stranger = city.member(city.organisation(), Role.ADMINISTRATOR)
    assert client_of(stranger).get("/api/v1/contracts-ocds").json()["releases"] == []
    assert len(client_of(keeper).get("/api/v1/contracts-ocds").json()["releases"]) == len(rows)
