"""Pages of Word templates: added, listed, filled from a record and a list, withdrawn; refusals are told in the form."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kezhuan.exchange.models import Template
from kezhuan.exchange.papers.samples import SAMPLES
from kezhuan.kernel.models import User
from tests.exchange.test_word_templates import LIST, word, words_of
from tests.factories import city

pytestmark = pytest.mark.django_db


def signed_in(actor):
    client = Client()
    client.force_login(User.objects.get_or_create(person=actor.person, defaults={"email": actor.person.email})[0])
    return client


def add(client, content, name="汇总表", **more):
    given = {"kind": "need", "name": name, "file": SimpleUploadedFile("a.docx", content), "declared_open": "on"}
    return client.post(reverse("template-new"), given | more)


def test_a_template_is_added_filled_from_record_and_list_and_withdrawn():
    firm = city.organisation()
    actor, rival = city.member(firm), city.member(city.organisation())
    client, other = signed_in(actor), signed_in(rival)
    row = city.need(firm, stage="published", by=actor)
    assert add(client, LIST).status_code == 302
    template = Template.objects.get()
    html = client.get(reverse("templates")).content.decode()
    assert "汇总表" in html
    assert html.count(reverse("template-withdraw", args=[template.pk])) == 1
    assert "汇总表</a>" not in other.get(reverse("templates")).content.decode().split("GB/T 9704")[0]
    assert (
        reverse("fill-record", args=[row.record.code])
        in client.get(reverse("need", args=[row.record.code])).content.decode()
    )
    address = reverse("fill-list", args=["need"])
    assert f"{address}?q=" in client.get(reverse("needs"), {"q": "抛光"}).content.decode()
    for where, key in ((address, template.pk), (reverse("fill-record", args=[row.record.code]), template.pk),
                       (address, "summary"), (reverse("fill-record", args=[row.record.code]), "request")):  # fmt: skip
        answer = client.post(where, {"template": key})
        assert answer.status_code == 200
        assert row.record.title in "".join(words_of(answer.content))
        assert answer["Content-Disposition"].startswith("attachment;")
    assert other.post(address, {"template": template.pk}).status_code == 422
    assert other.get(reverse("template-file", args=[template.pk])).status_code == 404
    assert client.get(reverse("template-file", args=[template.pk])).content == LIST
    assert other.post(reverse("template-withdraw", args=[template.pk])).status_code == 404
    assert client.post(reverse("template-withdraw", args=[template.pk])).status_code == 302
    assert client.post(address, {"template": template.pk}).status_code == 422


def test_refusals_stand_in_the_form_and_nothing_breaks_on_nonsense():
    client = signed_in(city.member(city.organisation()))
    answer = add(client, word("{{ 不存在 }}"))
    assert answer.status_code == 422
    assert "不存在" in answer.content.decode()
    assert client.post(reverse("template-new"), {}).status_code == 422
    assert client.get(reverse("template-fields", args=["wish"])).status_code == 404
    assert client.get(reverse("template-file", args=["9" * 30])).status_code == 404
    assert client.get("/papers/wish/").status_code == 404
    assert client.get("/records/N-2020-00001/papers/").status_code == 404
    for kind in ("need", "organisation", "person", "objection"):
        assert client.get(reverse("template-fields", args=[kind])).status_code == 200
        assert client.get(reverse("fill-list", args=[kind])).status_code == 200
    for slug in SAMPLES:
        assert Client().get(reverse("template-file", args=[slug])).status_code == 200


def test_visitors_are_asked_to_sign_in_and_readers_cannot_add():
    for address in (reverse("templates"), reverse("fill-list", args=["need"])):
        assert Client().get(address)["Location"].startswith(reverse("sign-in"))
    assert Client().get(reverse("template-new")).status_code == 403
    reader = signed_in(city.member(city.organisation(), "reader"))
    assert reader.get(reverse("template-new")).status_code == 403
    assert reverse("template-new") not in reader.get(reverse("templates")).content.decode()
