"""Files sent by a browser to be imported, as tests of imports need them."""

from django.core.files.uploadedfile import SimpleUploadedFile

from kezhuan.exchange.models import Import
from kezhuan.kernel import jobs

CSV = "编号,名称,摘要,成熟度,我们的领域\nS1,抛光方法,低缺陷,6,新材料\nS2,育种方法,耐盐,约七级,农业\nS3,第三项,,8,\n"


def send(client, content, kind="achievement", name="成果.csv", **more):
    sent = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return client.post("/imports/new/", {"kind": kind, "file": sent, "declared_open": "on", **more})


def uploaded(client, content=CSV, **more):
    answer = send(client, content, **more)
    assert answer.status_code == 302, [str(one.message) for one in answer.context["problems"]]
    return Import.objects.latest("pk")


def checked(client, kept, **chosen):
    """The form as it stands, with some answers changed, sent to be checked, and the check done."""
    page = client.get(f"/imports/{kept.pk}/")
    form = page.context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    answer = client.post(f"/imports/{kept.pk}/", {**values, "step": "check", "sheet": page.context["sheet"], **chosen})
    assert answer.status_code == 302, answer.context["problems"]
    jobs.run_pending()
    kept.refresh_from_db()
    return kept


def committed(client, kept):
    client.post(f"/imports/{kept.pk}/", {"step": "commit"})
    jobs.run_pending()
    kept.refresh_from_db()
    return kept


def counts(kept):
    return kept.read, kept.created, kept.updated, kept.unchanged, kept.rejected
