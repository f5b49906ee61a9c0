"""An achievement's way to money, on its page: what was reached, what is on its way and with whom, and what is next."""

import pytest
from django.utils import translation

from kezhuan.areas.achievements.panels import life_line_panel
from kezhuan.areas.evaluations.papers import report_number
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.models import Clock
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import agreements, city, evaluations, grants, receipts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def line(actor, about):
    about.refresh_from_db()
    return life_line_panel(actor, about).context


def states(actor, about):
    return {str(step.label): step.state for step in line(actor, about)["steps"]}


def test_each_reader_sees_the_steps_they_read_and_what_they_begin_next():
    unit = city.organisation("南粤大学", kind="university", region="440106")
    head, keeper, finance = (city.member(unit, role) for role in (Role.ADMINISTRATOR, Role.LEGAL, Role.FINANCE))
    member, completer = city.member(unit), city.member(unit)
    about = grants.achievement(unit, [completer])
    words = [str(step.label) for step in line(head, about)["steps"]]
    assert list(states(head, about).values()) == ["now", *["todo"] * (len(words) - 1)]  # it is listed, not registered
    # An evaluation need not be: whoever does not begin it is told what comes after it.
    assert line(member, about)["begin"] == f"/evaluations/new/?achievement={about.record.code}"
    assert line(city.member(unit, Role.READER), about)["begin"] == ""
    judged = evaluations.evaluation(unit, member, about=about, stage="delivered")
    assert judged.record.code in client_of(member).get(f"/achievements/{about.record.code}/").content.decode()

    # Nor need rights be granted: whoever keeps the money finds the price next, which names the report.
    price = line(finance, about)["begin"]
    assert price == f"/prices/new/?achievement={about.record.code}"
    assert report_number(judged) in client_of(finance).get(price).content.decode()

    row = grants.grant(unit, keeper, [completer], about=about, stage="decided")
    assert states(head, about)["rights granted"] == states(completer, about)["rights granted"] == "now"
    assert states(finance, about)["rights granted"] == "todo"
    [held] = line(keeper, about)["held"]
    assert (held.url, str(held.stage), held.who) == (
        f"/grants/{row.record.code}/", "decided, to be laid open", "南粤大学",
    )  # fmt: skip
    assert "with 南粤大学" in client_of(keeper).get(f"/achievements/{about.record.code}/").content.decode()

    city.contract(unit, by=head, stage="registered", about=about)
    paid = receipts.receipt(unit, finance, about=about, stage="settled")
    reached = {str(step.label): step.on for step in line(head, about)["steps"] if step.state == "done"}
    assert reached == {"evaluated": today(), "contract registered": today(), "money received": today()}
    assert [one.url for one in line(finance, about)["held"]][-1] == f"/distributions/{paid.record.code}/"
    page = client_of(head).get(f"/achievements/{about.record.code}/").content.decode()
    assert all(word in page for word in ("contract registered", "money received"))
    offered = agreements.agreement(unit, by=head, stage="offered", achievement=about.record)
    handed_in = evaluations.evaluation(unit, member, about=about, stage="submitted")
    Clock.objects.filter(record__in=(offered.pk, handed_in.pk)).delete()
    told = {one.url: one.who for one in line(head, about)["held"]}
    assert told[f"/agreements/{offered.record.code}/"] == offered.party_name
    assert told[f"/evaluations/{handed_in.record.code}/"] == "the officers in charge"
    assert paid.record.code not in client_of(member).get(f"/achievements/{about.record.code}/").content.decode()


def test_what_is_next_leads_to_its_form_and_visitors_see_no_line():
    unit = city.organisation("南粤大学", kind="university", region="440106")
    keeper = city.member(unit, Role.LEGAL)
    about = city.achievement(unit, stage="registered")
    told = line(keeper, about)
    assert told["begin"] == f"/grants/new/?achievement={about.record.code}"
    assert client_of(keeper).get(told["begin"]).status_code == 200
    assert "Next: rights granted" in client_of(keeper).get(f"/achievements/{about.record.code}/").content.decode()
    assert life_line_panel(VISITOR, about) is None
    assert line(city.officer(), about)["whole"] is False
