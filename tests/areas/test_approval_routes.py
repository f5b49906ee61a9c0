"""Posts and routes are data: set by those in charge, in versions, and what runs keeps the steps it began with."""

import pytest

from kezhuan.areas.approvals.route_actions import (
    StepFacts,
    close_post,
    end_route,
    give_post,
    open_post,
    set_route,
    take_post,
)
from kezhuan.kernel import approvals
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.models import Entry, Post, PostHolder, Route
from kezhuan.kernel.models.parties import Role
from tests.areas.approval_story import _made_city, refused_with, stage_of, story
from tests.areas.crawling import client_of
from tests.factories import city

__all__ = ["_made_city", "story"]

pytestmark = pytest.mark.django_db


def set_it(actor, *posts, **more):
    steps = [StepFacts(number, post) for number, post in enumerate(posts, 1)]
    return set_route(actor=actor, **({"kind": "achievement", "move": "register", "steps": steps} | more))


def test_what_runs_keeps_its_steps_and_what_begins_takes_the_new_ones(story):
    first = set_it(story.handler, story.division, story.leader)
    approval = story.ask()
    second = set_it(story.handler, story.division, replaces=1)
    assert [(one.version, one.ended_at is None) for one in Route.objects.order_by("pk")] == [(1, False), (2, True)]
    story.sign(approval, story.head)
    assert stage_of(approval) == "running"
    story.sign(approval, story.director)
    assert approval.route_id == first.pk
    story.row = city.achievement(story.unit, stage="listed", by=story.owner)
    later = story.ask()
    assert (later.route_id, later.steps.count()) == (second.pk, 1)
    with pytest.raises(Conflict):
        set_it(story.handler, story.leader, replaces=1)
    end_route(actor=story.handler, route=second)
    with pytest.raises(Conflict):
        end_route(actor=story.handler, route=second)
    assert [entry.data["version"] for entry in Entry.objects.filter(kind__startswith="route.")] == [1, 2, 2]
    # What was asked for goes on by its own steps.
    story.sign(later, story.head)
    assert story.stage == "registered"


def test_the_nearest_place_counts_and_in_it_the_programme(story):
    anywhere = set_it(story.handler, story.division, jurisdiction="000000")
    whole_city = set_it(story.handler, story.division, jurisdiction="440100")
    here = set_it(story.handler, story.division, jurisdiction="440106")
    found = [approvals.routes_for(story.handler, story.row)["register"]]
    for route in (here, whole_city):
        end_route(actor=story.handler, route=route)
        found.append(approvals.routes_for(story.handler, story.row)["register"])
    assert found == [here, whole_city, anywhere]
    narrow = set_it(story.handler, story.division, jurisdiction="000000", programme="achievement")
    set_it(story.handler, story.division, jurisdiction="000000", programme="need")
    assert approvals.routes_for(story.handler, story.row)["register"] == narrow
    assert approvals.routes_for(city.SYSTEM, story.row) == {}
    assert approvals.routes_for(story.owner, story.row) == {}


def test_routes_are_set_by_those_in_charge(story):
    tianhe, elsewhere = city.officer("440106"), city.officer("440117")
    of_needs = city.member(story.bureau, Role.OFFICER)
    of_needs.person.memberships.update(programme="need")
    of_needs = actor_for(of_needs.person)
    set_it(tianhe, story.division, jurisdiction="440106")
    for actor, place in (
        (tianhe, "440100"), (tianhe, "000000"), (elsewhere, "440106"), (of_needs, "440106"), (story.owner, "440106"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            set_it(actor, story.division, jurisdiction=place)
    own = city.post(story.unit, "科研院院长", city.member(story.unit))
    inside = {"kind": "achievement", "move": "submit", "unit": story.unit}
    set_it(story.owner, own, **inside)
    for actor in (story.handler, city.member(story.unit)):
        with pytest.raises(NotAllowed):
            set_it(actor, own, **inside)


def test_a_route_that_leads_nowhere_is_refused(story):
    refused_with(lambda: set_it(story.handler), "route-steps")
    refused_with(lambda: set_it(story.handler, story.division, move="no-such"), "route-move")
    refused_with(lambda: set_it(story.handler, story.division, kind="approval", move="return"), "route-move")
    refused_with(lambda: set_it(story.handler, story.division, programme="no-such"), "route-programme")
    refused_with(lambda: set_it(city.SYSTEM, story.division, jurisdiction="310000"), "route-place")
    twice = [StepFacts(1, story.division), StepFacts(1, story.division)]
    refused_with(lambda: set_it(story.handler, steps=twice), "route-post-twice")
    close_post(actor=story.handler, post=story.leader)
    story.leader.refresh_from_db()
    refused_with(lambda: set_it(story.handler, story.leader), "route-post-closed")


def test_posts_are_given_by_those_in_charge_and_never_to_oneself(story):
    post = open_post(actor=story.handler, organisation=story.bureau, name="机关纪委书记")
    refused_with(lambda: open_post(actor=story.handler, organisation=story.bureau, name="机关纪委书记"), "post-held")
    refused_with(lambda: open_post(actor=story.handler, organisation=story.bureau, name="长"), "post-name")
    with pytest.raises(NotAllowed):
        give_post(actor=story.handler, post=post, person=story.handler.person)
    for actor in (story.owner, city.officer(), city.member(story.bureau)):
        with pytest.raises(NotAllowed):
            give_post(actor=actor, post=post, person=story.head.person)
    refused_with(lambda: give_post(actor=story.handler, post=post, person=story.owner.person), "post-stranger")
    held = give_post(actor=story.handler, post=post, person=story.head.person)
    assert give_post(actor=story.handler, post=post, person=story.head.person) == held
    take_post(actor=story.handler, holder=held)
    take_post(actor=story.handler, holder=held)
    assert not approvals.posts_of(story.head.person, story.bureau).filter(pk=post.pk).exists()
    again = give_post(actor=story.handler, post=post, person=story.head.person)
    assert again.pk != held.pk
    set_it(story.handler, post)
    refused_with(lambda: close_post(actor=story.handler, post=post), "post-in-route")
    kinds = [entry.kind for entry in Entry.objects.filter(data__post=post.pk).order_by("seq")]
    assert kinds == ["organisation.post-opened", "organisation.post-given", "organisation.post-taken",
                     "organisation.post-given"]  # fmt: skip


# -- in the browser ----------------------------------------------------------------------------------------------------


def rows(*steps):
    given = {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0}
    for number, step in enumerate(steps):
        given |= {f"steps-{number}-{name}": value for name, value in step.items()}
    return given


def test_a_route_is_set_changed_and_ended_in_the_browser(story):
    client = client_of(story.handler)
    page = client.get("/routes/new/").content.decode()
    start = page.index('<optgroup label="Achievement">')
    group = page[start : page.index("</optgroup>", start)]
    assert 'value="achievement.register"' in group
    assert 'value="need.' not in group
    step = {"position": 5, "post": story.division.pk, "mode": "sign"}
    asked = {"move": "achievement.register", "place": "440100", "programme": "", "version": 0}
    wrong = client.post("/routes/new/", asked | rows({**step, "post": ""}))
    assert wrong.status_code == 422
    answer = client.post("/routes/new/", asked | rows(step, {**step, "position": 7, "post": story.leader.pk}))
    route = Route.objects.get()
    assert answer["Location"] == f"/routes/{route.pk}/"
    assert [(one.position, one.post_id) for one in route.steps.all()] == [(1, story.division.pk), (2, story.leader.pk)]
    assert client.post("/routes/new/", asked | rows(step)).status_code == 409
    edit = f"/routes/{route.pk}/edit/"
    assert "分管副局长" in client.get(edit).content.decode()
    changed = rows({**step, "mode": "collective", "numbered": "on"}) | {"version": 1}
    answer = client.post(edit, changed)
    newest = Route.objects.get(ended_at=None)
    assert answer["Location"] == f"/routes/{newest.pk}/"
    assert (newest.version, newest.steps.get().mode, newest.steps.get().numbered) == (2, "collective", True)
    shown = client.get(f"/routes/{newest.pk}/").content.decode()
    assert "Version 1" in shown
    assert "Version 2" in shown
    assert client.post(f"/routes/{newest.pk}/end/").status_code == 302
    assert not Route.objects.filter(ended_at=None).exists()
    for actor, status in ((story.owner, 404), (None, 403)):
        assert client_of(actor).get(f"/routes/{newest.pk}/").status_code in {status, 404}
        assert client_of(actor).post(f"/routes/{newest.pk}/end/").status_code in {status, 404}
    assert client_of(None).get("/routes/").status_code == 403
    assert "成果处处长" not in client_of(story.owner).get("/routes/").content.decode()


def test_posts_are_opened_given_and_closed_in_the_browser(story):
    client, code = client_of(story.handler), story.bureau.record.code
    address = f"/organisations/{code}/posts/"
    assert address in client.get(f"/organisations/{code}/").content.decode()
    assert client.post(address, {"name": "机关纪委书记"})["Location"] == address
    post = Post.objects.get(name="机关纪委书记")
    assert client.post(address, {"name": "机关纪委书记"}).status_code == 422
    assert client.post(f"/posts/{post.pk}/give/", {"person": story.head.person.pk})["Location"] == address
    assert client.post(f"/posts/{post.pk}/give/", {"person": story.handler.person.pk}).status_code == 403
    assert client.post(f"/posts/{post.pk}/give/", {"person": "x"}).status_code == 404
    holder = PostHolder.objects.get(post=post)
    assert client.post(f"/posts/{post.pk}/holders/{holder.pk}/end/").status_code == 302
    assert client.post(f"/posts/{post.pk}/close/").status_code == 302
    assert "机关纪委书记" not in client.get(address).content.decode()
    for actor in (story.owner, city.officer()):
        assert client_of(actor).get(address).status_code == 403
        assert client_of(actor).post(f"/posts/{post.pk}/close/").status_code == 404
