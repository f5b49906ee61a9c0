"""Pages of signatures: print, upload the scan, confirm, look a code up; for whoever reads the record in full."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kezhuan.exchange.models import Printed, Signature
from tests.exchange.test_signing import blank, edited
from tests.factories import city
from tests.web.test_paper_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA = tmp_path


def test_a_version_is_printed_stamped_confirmed_and_looked_up():
    firm = city.organisation()
    actor = city.member(firm)
    client, row = signed_in(actor), city.need(firm, by=actor)
    code = row.record.code
    at = {
        name: reverse(name, args=[code]) for name in ("signatures", "print-version", "signed-scan", "confirm-version")
    }
    assert at["signatures"] in client.get(reverse("need", args=[code])).content.decode()
    answer = client.post(at["print-version"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    printed = Printed.objects.get()
    assert printed.code in client.get(at["signatures"]).content.decode()
    scan = {"file": SimpleUploadedFile("a.pdf", answer.content), "declared_open": "on"}
    assert client.post(at["signed-scan"], scan).status_code == 302
    wrong = {"file": SimpleUploadedFile("a.png", blank()), "declared_open": "on"}
    refused = client.post(at["signed-scan"], wrong)
    assert refused.status_code == 422
    assert "版本码" in refused.content.decode()
    assert row.record.summary in client.get(at["confirm-version"]).content.decode()
    assert client.post(at["confirm-version"], {"version": "x"}).status_code == 409
    assert client.post(at["confirm-version"], {"version": printed.code}).status_code == 302
    assert client.post(at["confirm-version"], {"version": printed.code}).status_code == 409
    assert sorted(Signature.objects.values_list("way", flat=True)) == ["confirmed", "stamped"]
    html = client.get(at["signatures"]).content.decode()
    assert html.count(printed.code) >= 3
    looked = Client().get(f"/v/{printed.code}/1-1/")
    assert "现行版本" in looked.content.decode()
    assert row.record.title not in looked.content.decode()
    edited(actor, row, problem="改过")
    assert "旧版本" in Client().get(reverse("version", args=[printed.code.lower()])).content.decode()
    assert Client().get("/v/0000-0000-0000-0000/").status_code == 404


def test_others_neither_see_nor_sign():
    firm = city.organisation()
    row = city.need(firm, stage="published")
    code = row.record.code
    rival, officer = signed_in(city.member(city.organisation())), signed_in(city.officer())
    assert Client().get(reverse("signatures", args=[code]))["Location"].startswith(reverse("sign-in"))
    assert rival.get(reverse("signatures", args=[code])).status_code == 403
    assert reverse("signatures", args=[code]) not in rival.get(reverse("need", args=[code])).content.decode()
    html = officer.get(reverse("signatures", args=[code])).content.decode()
    assert reverse("signed-scan", args=[code]) not in html
    for name in ("signed-scan", "confirm-version"):
        assert officer.get(reverse(name, args=[code])).status_code == 403
    for name in ("print-version", "ask-seal"):
        assert rival.post(reverse(name, args=[code])).status_code == 403
