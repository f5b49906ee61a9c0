"""Addresses of the shell."""

from django.urls import path

from kezhuan.web import (
    answer_pages,
    calendar_pages,
    job_pages,
    message_pages,
    pages,
    record_pages,
    rule_pages,
    webhook_pages,
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("search/", pages.search_page, name="search"),
    path("inbox/", pages.inbox_page, name="inbox"),
    path("act-for/", pages.act_for, name="act-for"),
    path("language/", message_pages.language, name="set_language"),
    path("records/<str:code>/moves/<slug:name>/", record_pages.move, name="record-move"),
    path("records/<str:code>/documents/", record_pages.upload, name="record-upload"),
    path("documents/<int:number>/", record_pages.document, name="document"),
    path("jobs/", job_pages.overview, name="jobs"),
    path("jobs/<int:number>/", job_pages.job_page, name="job"),
    path("jobs/<int:number>/again/", job_pages.job_again, name="job-again"),
    path("messages/", message_pages.overview, name="messages"),
    path("messages/<int:number>/again/", message_pages.again, name="message-again"),
    path("messages/stop/<str:token>/", message_pages.stop, name="message-stop"),
    path("account/messages/", message_pages.preferences, name="preferences"),
    path("account/messages/resume/", message_pages.resume, name="message-resume"),
    path("account/webhooks/", webhook_pages.webhook_list, name="webhooks"),
    path("account/webhooks/new/", webhook_pages.webhook_new, name="webhook-new"),
    path("account/webhooks/<int:number>/", webhook_pages.webhook_page, name="webhook"),
    path("account/webhooks/<int:number>/end/", webhook_pages.webhook_end, name="webhook-end"),
    path("account/webhooks/<int:number>/key/", webhook_pages.webhook_key, name="webhook-key"),
    path("answer-times/", answer_pages.answer_times_page, name="answer-times"),
    path("rules/", rule_pages.rules, name="rules"),
    path("rules/new/", rule_pages.rule_new, name="rule-new"),
    path("rules/<str:code>/", rule_pages.rule, name="rule"),
    path("rules/<str:code>/<int:number>/withdraw/", rule_pages.rule_withdraw, name="rule-withdraw"),
    path("calendar/", calendar_pages.calendar, name="calendar"),
    path("calendar/load/", calendar_pages.calendar_load, name="calendar-load"),
    path("styleguide/", pages.styleguide, name="styleguide"),
    path("styleguide/<slug:name>/", pages.styleguide_page, name="styleguide-page"),
]
