"""Addresses of projects."""

from django.urls import path

from kezhuan.areas.projects import (
    pages,
    pages_desk,
    pages_execution,
    pages_payments,
    pages_posed,
    pages_races,
    pages_reports,
    pages_running,
)

urlpatterns = [
    path("projects/", pages.project_list, name="projects"),
    path("projects/<str:code>/", pages.project_page, name="project"),
    path("projects/<str:code>/edit/", pages_desk.project_edit, name="project-edit"),
    path("projects/<str:code>/answer/", pages_desk.project_answer, name="project-answer"),
    path("projects/<str:code>/sign-book/", pages_desk.project_sign_book, name="project-sign-book"),
    path("projects/<str:code>/agree/", pages_desk.project_agree, name="project-agree"),
    path("projects/<str:code>/changes/new/", pages_desk.project_change_new, name="project-change-new"),
    path("projects/<str:code>/milestones/<int:number>/", pages_running.milestone_report, name="milestone-report"),
    path("projects/<str:code>/milestones/<int:number>/judge/", pages_running.milestone_judge, name="milestone-judge"),
    path("projects/<str:code>/payments/<int:number>/", pages_running.payment_made, name="payment-made"),
    path("projects/<str:code>/settlement/", pages_running.project_settlement, name="project-settlement"),
    path("projects/<str:code>/first-use/", pages_running.first_use, name="project-first-use"),
    path("projects/<str:code>/test-report/", pages_running.test_report, name="project-test-report"),
    path("projects/<str:code>/first-user/", pages_running.user_named, name="project-first-user"),
    path("projects/<str:code>/landing/", pages_running.landing, name="project-landing"),
    path("projects/<str:code>/self-evaluation/", pages_running.self_evaluation, name="self-evaluation"),
    path("projects/<str:code>/decisions/", pages_running.project_decisions, name="project-decisions"),
    path("races/", pages_races.race_list, name="races"),
    path("races/<str:code>/", pages_races.race_page, name="race"),
    path("races/<str:code>/gate/", pages_races.race_gate, name="race-gate"),
    path("races/<str:code>/reserve/", pages_races.race_reserve, name="race-reserve"),
    path("calls/<str:code>/items/<int:number>/race/", pages_races.race_new, name="race-new"),
    path("posed/", pages_posed.posed, name="posed"),
    path("payments/", pages_payments.payment_list, name="payments"),
    path("payments/execution/", pages_execution.execution, name="execution"),
    path("payments/execution/<str:code>/", pages_execution.execution_of_call, name="execution-of-call"),
    path("payments/performance/", pages_execution.performance, name="performance"),
    path("payments/consortia/", pages_execution.consortia, name="consortia"),
    path("payments/reports/<str:name>/", pages_reports.report, name="report"),
    path("payments/read-back/", pages_payments.payments_read_back, name="payments-read-back"),
    path("applications/<str:code>/project/", pages_desk.project_new, name="project-new"),
]
