"""调阅 that the letter keeps from the owner: nothing that the owner's machines fetch or are sent tells of it."""

from urllib.parse import urlsplit

import pytest

from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel import feeds, followers, jobs, journal, watches
from kezhuan.kernel.access import actor_for, can_view
from kezhuan.kernel.lifecycle import advance, touch
from kezhuan.kernel.models import Message, Watch
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import webhooks
from kezhuan.kernel.search import Asked
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_inspections import admitted, fresh
from tests.factories import city

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", ["submitted", "published"])
def test_nothing_that_leaves_the_house_tells_of_what_the_letter_keeps_from_the_owner(settings, stage):
    settings.PRIVATE_WEBHOOKS = True
    inspector = sign_up(name="王审", email="audit@example.com", password="long-enough-secret").person
    unit, bureau = city.organisation(), city.officer()
    boss = city.member(unit, Role.ADMINISTRATOR)
    need = city.need(unit, stage=stage, by=boss)
    followers.run_pending()  # of what was before the webhook it is not called
    webhooks.add_webhook(actor=boss, form="signed", url="http://127.0.0.1:9/in", kinds=[])
    watches.follow_record(actor=boss, record=need.record)
    watches.save_search(actor=boss, path="/needs/", asked=Asked(kinds=("need",)))
    feed, client = feeds.open_feed(boss.person), client_of(boss)

    def told():
        """What the owner's machines fetch and are sent, once everything has followed."""
        followers.run_pending()
        Watch.objects.update(next_on=today())
        jobs.enqueue(watches.DIGEST)
        jobs.run_pending()
        paths = (
            f"/api/v1/needs/{need.record.code}", f"/api/v1/needs/{need.record.code}/history", "/api/v1/needs",
            urlsplit(feed).path,
        )  # fmt: skip
        answers = [client.get(path) for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        fetched = [(answer.headers.get("ETag"), answer.content) for answer in answers]
        sent = sorted(Message.objects.filter(person=boss.person).values_list("key", flat=True))
        return fetched, sent, fresh(need).version, fresh(need).changed_at

    told()
    before = told()
    row = admitted(bureau, need, owner_told=False)
    assert can_view(actor_for(inspector), fresh(need), "full")
    assert told() == before
    advance(INSPECTION, row, "end", actor=bureau, note="查毕")
    assert told() == before
    with journal.writing():
        touch(NEED, need, actor=boss, fields=["title"])
    assert told()[1] != before[1]  # a change of the record itself is called for
