"""Addresses of approvals."""

from django.urls import path

from kezhuan.areas.approvals import pages, pages_decisions, pages_routes, pages_steps

urlpatterns = [
    path("approvals/", pages.approval_list, name="approvals"),
    path("approvals/<str:code>/", pages.approval_page, name="approval"),
    path("approvals/<str:code>/steps/<int:number>/sign/", pages.approval_sign, name="approval-sign"),
    path("approvals/<str:code>/steps/<int:number>/paper/", pages_steps.approval_paper, name="approval-paper"),
    path("approvals/<str:code>/steps/<int:number>/meeting/", pages_steps.approval_decision, name="approval-decision"),
    path("approvals/<str:code>/add-signer/", pages_steps.approval_add_signer, name="approval-add-signer"),
    path("approvals/<str:code>/recuse/", pages_steps.approval_recuse, name="approval-recuse"),
    path("approvals/<str:code>/take-over/", pages_steps.approval_take_over, name="approval-take-over"),
    path("approvals/<str:code>/sheet/", pages_steps.approval_sheet, name="approval-sheet"),
    path("approvals/<str:code>/return/", pages.approval_return, name="approval-return"),
    path("decisions/", pages_decisions.decision_list, name="decisions"),
    path("routes/", pages_routes.route_list, name="routes"),
    path("routes/new/", pages_routes.route_new, name="route-new"),
    path("routes/<int:number>/", pages_routes.route_page, name="route"),
    path("routes/<int:number>/edit/", pages_routes.route_edit, name="route-edit"),
    path("routes/<int:number>/end/", pages_routes.route_end, name="route-end"),
    path("organisations/<str:code>/posts/", pages_routes.post_list, name="posts"),
    path("posts/<int:number>/give/", pages_routes.post_give, name="post-give"),
    path("posts/<int:number>/close/", pages_routes.post_close, name="post-close"),
    path("posts/<int:number>/holders/<int:holder>/end/", pages_routes.post_take, name="post-take"),
    path("records/<str:code>/approvals/<slug:move>/new/", pages.approval_new, name="approval-new"),
]
