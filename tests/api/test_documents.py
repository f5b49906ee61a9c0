"""Files through the API: attached with a declaration, seen by the readers of their group, never shown in place."""

from django.core.files.uploadedfile import SimpleUploadedFile

from kezhuan.kernel.models import Document
from tests.api.actors import make_achievement
from tests.exchange.test_word_templates import words_of

TEXT = "检测报告：粗糙度 0.08 nm".encode()


def upload(api, address, content=TEXT, name="报告.txt", **fields):
    file = SimpleUploadedFile(name, content)
    return api.post(f"/api/v1{address}/documents", {"file": file, "declared_open": "true"} | fields)


def test_document_is_attached_listed_and_downloaded_by_the_readers_of_its_group(city):
    address = f"/achievements/{make_achievement(city.university, city.officer).record.code}"
    made = upload(city.university_api, address)
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["name"], shown["size"], shown["group"]) == ("报告.txt", len(TEXT), "full")
    assert (shown["media_type"], shown["media_label"]) == ("text/plain", "plain text")
    for api in (city.university_api, city.officer_api):
        assert api.read(f"{address}/documents")["items"] == [shown]
        answer = api.get(shown["href"])
        assert answer.content == TEXT
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Cache-Control"] == "private, no-cache"
    for api in (city.rival_api, city.visitor_api):
        assert api.read(f"{address}/documents")["items"] == []
        assert api.get(shown["href"]).status_code == 404


def test_public_document_is_open_to_all(city):
    address = f"/achievements/{make_achievement(city.university, city.officer).record.code}"
    href = upload(city.university_api, address, group="public").json()["href"]
    assert city.visitor_api.get(href).content == TEXT


def test_same_content_for_other_readers_has_an_address_of_its_own(city):
    address = f"/achievements/{make_achievement(city.university, city.officer).record.code}"
    hrefs = [
        upload(city.university_api, address, name=f"{one}.txt", group=one).json()["href"] for one in ("public", "full")
    ]
    assert len(set(hrefs)) == 2
    for href, name in zip(hrefs, ("public.txt", "full.txt"), strict=True):
        assert name in city.university_api.get(href).headers["Content-Disposition"]
    assert [city.visitor_api.get(href).status_code for href in hrefs] == [200, 404]
    assert city.university_api.get(hrefs[0].partition("?")[0]).status_code == 200


def test_document_without_declaration_or_with_a_mark_is_refused(city):
    address = f"/achievements/{make_achievement(city.university, city.officer).record.code}"
    for fields, problem in (
        ({"declared_open": "false"}, "declaration-missing"),
        ({"content": "机密★10年\n配方".encode()}, "state-secret"),
        ({"content": b""}, "file-empty"),
        ({"group": "title"}, "group-unknown"),
    ):
        answer = upload(city.university_api, address, **fields)
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, problem)
    assert not Document.objects.exists()


def test_documents_are_attached_by_the_owners_members_only(city):
    address = f"/achievements/{make_achievement(city.owner, city.officer).record.code}"
    for api, status in ((city.rival_api, 403), (city.colleague_api, 403), (city.visitor_api, 401)):
        assert upload(api, address).status_code == status
    missing = city.owner_api.post(f"/api/v1{address}/documents", {"declared_open": "true"})
    assert (missing.status_code, missing.json()["problems"][0]["field"]) == (422, "file")


def test_a_template_is_found_and_filled_with_what_the_asking_person_may_see(city):
    record = make_achievement(city.university, city.officer).record
    samples = city.visitor_api.read("/templates")["items"]
    assert [one["key"] for one in samples if one["for_list"]] == ["summary"]
    assert {"zh": "名称", "en": "title", "group": "title"} in city.visitor_api.read("/templates/fields?kind=need")[
        "items"
    ]
    answer = city.visitor_api.get(f"/api/v1/achievements/{record.code}/papers/letter")
    assert answer.status_code == 200
    assert record.title in "".join(words_of(answer.content))
    for path in (f"achievements/{record.code}/papers/999", "achievements/A-1/papers/letter"):
        assert city.visitor_api.get(f"/api/v1/{path}").status_code == 404
    assert city.visitor_api.get("/api/v1/templates?kind=wish").status_code == 422


def test_a_file_is_taken_back_by_the_owners_members_alone(city):
    address = f"/achievements/{make_achievement(city.university, city.officer).record.code}"
    href = upload(city.university_api, address, group="public").json()["href"]
    for api, status in ((city.visitor_api, 401), (city.rival_api, 403), (city.officer_api, 403)):
        assert api.delete(href).status_code == status
    assert city.university_api.delete(href).status_code == 204
    assert city.university_api.delete(href).status_code == 404
    assert city.university_api.get(href).status_code == 404


def test_a_version_is_printed_signed_and_listed_for_readers_of_the_full_part(city):
    address = f"/achievements/{make_achievement(city.university, city.officer).record.code}"
    answer = city.university_api.get(f"/api/v1{address}/version.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    file = SimpleUploadedFile("盖章件.pdf", answer.content)
    made = city.university_api.post(f"/api/v1{address}/signatures", {"file": file, "declared_open": "true"})
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["way"], shown["code_by"], shown["present"]) == ("stamped", "read", True)
    assert city.officer_api.read(f"{address}/signatures")["items"] == [shown]
    assert city.officer_api.get(shown["document"]).content == answer.content
    assert city.rival_api.read(f"{address}/signatures")["items"] == []
    assert city.rival_api.get(f"/api/v1{address}/version.pdf").status_code == 403
    file = SimpleUploadedFile("盖章件.pdf", answer.content)
    assert (
        city.rival_api.post(f"/api/v1{address}/signatures", {"file": file, "declared_open": "true"}).status_code == 403
    )
