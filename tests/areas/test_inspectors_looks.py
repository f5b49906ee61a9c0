"""What an inspector reads beside the records themselves, and that each look is one entry."""

import pytest

from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel import followers
from kezhuan.kernel.access import GROUPS, actor_for, groups_seen, visible_to
from kezhuan.kernel.documents import attach_document
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.areas.test_inspections import admitted, fresh, text_letter
from tests.factories import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspector():
    """Somebody with an account; who they are is asked anew each time."""
    person = sign_up(name="王审", email="audit@example.com", password="long-enough-secret").person
    return lambda: actor_for(person)


def test_approvals_of_the_matter_are_open_to_whoever_the_asking_side_admitted(inspector):
    unit, bureau = city.organisation(kind="university"), city.officer()
    boss, signer = city.member(unit, Role.ADMINISTRATOR), city.member(bureau.organisation, Role.OFFICER)
    row, other = (city.achievement(unit, stage="listed", by=boss) for _ in range(2))
    before, foreign = city.approval(row, bureau, signer, stage="returned"), city.approval(other, bureau, signer)
    matter = admitted(bureau, row)
    after = city.approval(row, bureau, signer)
    for one in (before, after):
        assert groups_seen(inspector(), fresh(one)) == set(GROUPS)
    assert groups_seen(inspector(), fresh(foreign)) == frozenset()
    client = client_of(inspector())
    for address, seen, by in (
        (f"/approvals/{after.record.code}/", after, "page"), (f"/api/v1/approvals/{before.record.code}", before, "api"),
        (f"/approvals/{after.record.code}/sheet/", after, "page"),
    ):  # fmt: skip
        noted = Entry.objects.filter(kind="inspection.view").count()
        assert client.get(address).status_code == 200, address
        (entry,) = Entry.objects.filter(kind="inspection.view").order_by("seq")[noted:]
        assert (entry.record_id, entry.data) == (matter.pk, {"other": str(seen.record.uid), "by": by})
    advance(INSPECTION, matter, "end", actor=bureau, note="完成")
    assert groups_seen(inspector(), fresh(after)) == frozenset()
    assert after.pk not in visible_to(inspector(), Record.objects.all()).values_list("pk", flat=True)
    # Whom a unit admits reads what goes by the unit's own route, and nothing of the bureau's.
    admitted(boss, row, unit=unit)
    assert groups_seen(inspector(), fresh(after)) == frozenset()


def test_look_of_an_inspector_is_noted_once(inspector):
    unit, bureau = city.organisation(), city.officer()
    row = city.achievement(unit, stage="listed", secrecy="internal")
    file = attach_document(actor=city.member(unit), record=row.record, upload=text_letter())
    admitted(bureau, row)
    client, code = client_of(inspector()), row.record.code
    for address in (f"/achievements/{code}/", f"/documents/{file.pk}/", f"/api/v1/achievements/{code}"):
        assert client.get(address).status_code == 200
    client.post("/achievements/", {"export": "csv"}).getvalue()
    assert Entry.objects.filter(kind="inspection.view").count() == 4
    assert not Entry.objects.filter(kind__in=("records.shown", "document.opened")).exists()
    assert "shown" not in Entry.objects.get(kind="export.achievement").data


def test_look_at_matches_of_the_matter_is_noted_in_the_browser(inspector):
    unit, bureau = city.organisation(), city.officer()
    row, need = city.achievement(unit, stage="listed"), city.need(city.organisation(), stage="published")
    followers.run_pending()
    admitted(bureau, row)
    client = client_of(inspector())
    for address, asked in ((f"/needs/{need.record.code}/", {}), ("/match/", {"text": need.record.title})):
        before = Entry.objects.filter(kind="inspection.view").count()
        answer = client.post(address, asked) if asked else client.get(address)
        assert row.record.code in answer.content.decode()
        (noted,) = Entry.objects.filter(kind="inspection.view").order_by("seq")[before:]
        assert noted.data == {"other": str(row.record.uid), "by": "list"}
