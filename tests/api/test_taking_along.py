"""Signing here, e-seals, templates, archive folders and inspections through the API: as on the pages, no more."""

import io
import zipfile
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.exchange.models import SealRequest, Template
from kezhuan.exchange.papers import seals
from kezhuan.exchange.papers.samples import SAMPLES
from kezhuan.kernel import jobs
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, User
from kezhuan.kernel.text import today
from tests.api.actors import Api, make_need


class Slow:
    """A provider that has sealed nothing yet."""

    label = "测试签章"

    def begin(self, key, name, content):
        return f"ref-{key}"

    def outcome(self, reference):
        return None


def test_present_version_is_confirmed_once_for_an_organisation(city):
    address = f"/needs/{make_need(city.owner, city.officer).record.code}"
    pdf = city.owner_api.get(f"/api/v1{address}/version.pdf")
    assert pdf.content.startswith(b"%PDF")
    code = Entry.objects.filter(kind="paper.print").latest("seq").data["code"]
    assert city.owner_api.send(f"{address}/confirmations", {"version_code": "X"}, 409)["status"] == 409
    assert city.rival_api.send(f"{address}/confirmations", {"version_code": code}, 403)["status"] == 403
    made = city.owner_api.send(f"{address}/confirmations", {"version_code": code}, 201)
    assert (made["way"], made["code"], made["present"]) == ("confirmed", code, True)
    assert city.owner_api.send(f"{address}/confirmations", {"version_code": code}, 409)["status"] == 409
    assert [one["way"] for one in city.owner_api.read(f"{address}/signatures")["items"]] == ["confirmed"]


def test_present_version_is_handed_to_a_provider(city, monkeypatch):
    monkeypatch.setattr(seals, "_providers", {"city": Slow()})
    address = f"/needs/{make_need(city.owner, city.officer).record.code}"
    assert city.visitor_api.read("/seal-providers")["items"] == [{"name": "city", "label": "测试签章"}]
    assert city.owner_api.refused(f"{address}/seals", 422, {"provider": "other"}) == {"provider": "seal-unknown"}
    assert city.rival_api.send(f"{address}/seals", {"provider": "city"}, 403)["status"] == 403
    asked = city.owner_api.send(f"{address}/seals", {"provider": "city"}, 202)
    assert (asked["provider"], asked["state"]) == ("city", "waiting")
    assert city.owner_api.send(f"{address}/seals", {"provider": "city"}, 409)["status"] == 409
    assert city.owner_api.read(f"{address}/seals")["items"] == [asked]
    assert SealRequest.objects.count() == 1


def test_what_was_handed_over_is_told_to_readers_of_the_full_part_alone(city, monkeypatch):
    monkeypatch.setattr(seals, "_providers", {"city": Slow()})
    address = f"/needs/{make_need(city.owner, city.officer).record.code}"
    city.owner_api.send(f"{address}/seals", {"provider": "city"}, 202)
    told = {who: len(api.read(f"{address}/seals")["items"]) for who, api in city.everybody.items()}
    assert (told["owner"], told["officer"], told["visitor"]) == (1, 1, 0)


def test_template_is_added_filled_and_withdrawn(city):
    address = f"/needs/{make_need(city.owner, city.officer).record.code}"

    def sent(api, **fields):
        file = SimpleUploadedFile("函.docx", SAMPLES["letter"].written())
        return api.post(
            "/api/v1/templates", {"file": file, "kind": "need", "name": "函", "declared_open": "true"} | fields
        )

    assert sent(city.owner_api, kind="nothing").json()["problems"][0]["code"] == "kind-unknown"
    assert sent(city.owner_api, open_to_all="true").status_code == 403
    assert sent(city.visitor_api).status_code == 401
    made = sent(city.owner_api)
    assert made.status_code == 201, made.content
    assert (made.json()["version"], sent(city.owner_api).json()["version"]) == (1, 2)
    key = str(Template.objects.latest("pk").pk)
    assert city.owner_api.get(f"/api/v1{address}/papers/{key}").content.startswith(b"PK")
    assert city.rival_api.delete(f"/api/v1/templates/{key}").status_code == 404
    assert city.owner_api.delete("/api/v1/templates/letter").status_code == 404
    assert city.owner_api.delete(f"/api/v1/templates/{key}").status_code == 204
    assert city.owner_api.get(f"/api/v1{address}/papers/{key}").status_code == 404
    assert not Template.objects.filter(withdrawn_at=None).exists()


def test_closed_case_is_taken_along_by_whoever_asked_for_it(city):
    row = make_need(city.owner, city.officer)
    address = f"/needs/{row.record.code}/archive"
    assert city.owner_api.send(address, None, 403)["status"] == 403  # still open
    advance(NEED, row, "close", actor=city.owner, note="已解决")
    assert city.rival_api.send(address, None, 403)["status"] == 403
    asked = city.owner_api.send(address, None, 202)
    assert (asked["state"], asked["file"]) == ("waiting", "")
    assert city.owner_api.get(f"{asked['href']}/file").status_code == 404
    jobs.run_pending()
    done = city.owner_api.read(asked["href"])
    assert done["state"] == "done"
    folder = zipfile.ZipFile(io.BytesIO(b"".join(city.owner_api.get(done["file"]).streaming_content)))
    assert "manifest.json" in folder.namelist()
    for api in (city.colleague_api, city.officer_api, city.visitor_api):
        assert [api.get(one).status_code for one in (done["href"], done["file"])] == [404, 404]
    assert Entry.objects.filter(kind="export.fetched").count() == 1


def test_inspection_is_prepared_lettered_and_admitted(city):
    record = make_need(city.owner, city.officer, confidentiality="closed_door").record
    person = register_person(actor=SYSTEM, name="周审计", email="audit@example.com")
    User.objects.create_user("audit@example.com", "", person=person)
    given = {"email": "audit@example.com", "body": "市审计局", "letter_no": "穗审调7号", "codes": [record.code]}
    given |= {"since": today().isoformat(), "until": (today() + timedelta(days=1)).isoformat()}
    assert city.colleague_api.send("/inspections", given, 403)["status"] == 403
    wrong = given | {"email": "nobody@example.com", "codes": ["N-1999-00001"]}
    assert city.officer_api.refused("/inspections", 422, wrong) == {
        "email": "email-unknown",
        "codes": "matters-unknown",
    }
    code = city.officer_api.send("/inspections", given, 201)["code"]
    assert city.officer_api.refused(f"/inspections/{code}/moves/admit", 422)
    letter = {"file": SimpleUploadedFile("调阅函.txt", "调阅函".encode()), "declared_open": "true"}
    assert city.rival_api.post(f"/api/v1/inspections/{code}/letter", letter).status_code == 404
    letter = {"file": SimpleUploadedFile("调阅函.txt", "调阅函".encode()), "declared_open": "true"}
    assert city.officer_api.post(f"/api/v1/inspections/{code}/letter", letter).status_code == 200
    inspector = Api()
    inspector.force_login(User.objects.get(email="audit@example.com"))
    assert inspector.get(f"/api/v1/needs/{record.code}").status_code == 404
    city.officer_api.send(f"/inspections/{code}/moves/admit", {})
    assert inspector.read(f"/needs/{record.code}")["code"] == record.code
