"""Whoever asked for a job watches it go on and end: by itself with scripts, by a link without them."""

from datetime import UTC, datetime

import pytest

from kezhuan.kernel.models import Job, JobState, User
from tests.factories import city

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(context, live_server, person):
    """Sign a browser in as a person, without the pages of signing in, which have a journey of their own."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_user("runner@example.com", "Long-enough-7531", person=person))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])


def a_job(person):
    moment = datetime.now(UTC)
    return Job.objects.create(
        name="jobs.tidy", state=JobState.RUNNING, made_at=moment, started_at=moment, due_at=moment, done=10, total=40,
        person=person,
    )  # fmt: skip


def test_progress_is_renewed_by_itself_and_stops_when_the_job_is_over(page, live_server):
    person = city.member(city.organisation()).person
    job = a_job(person)
    signed_in(page.context, live_server, person)
    page.goto(f"/jobs/{job.pk}/")
    bar = page.locator("#progress-bar")
    assert bar.get_attribute("value") == "10"
    Job.objects.update(done=30)
    page.wait_for_selector('#progress-bar[value="30"]')
    Job.objects.update(state=JobState.DONE, due_at=None, done=40, ended_at=datetime.now(UTC))
    page.wait_for_selector(".tag.ok")
    assert page.locator("[data-live]").count() == 0


def test_without_scripts_a_link_shows_how_far_it_is(browser, live_server):
    person = city.member(city.organisation()).person
    job = a_job(person)
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", java_script_enabled=False)
    try:
        signed_in(context, live_server, person)
        page = context.new_page()
        page.goto(f"/jobs/{job.pk}/")
        Job.objects.update(done=30)
        page.click("text=查看最新进度")
        assert page.locator("#progress-bar").get_attribute("value") == "30"
    finally:
        context.close()
