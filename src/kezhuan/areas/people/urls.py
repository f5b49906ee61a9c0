"""Addresses of organisations and people."""

from django.urls import path

from kezhuan.areas.people import (
    pages,
    pages_claims,
    pages_deputies,
    pages_handover,
    pages_members,
    pages_scope,
    pages_tokens,
)

urlpatterns = [
    path("account/tokens/", pages_tokens.token_list, name="tokens"),
    path("account/tokens/new/", pages_tokens.token_new, name="token-new"),
    path("account/tokens/<int:number>/end/", pages_tokens.token_end, name="token-end"),
    path("account/deputies/", pages_deputies.deputies, name="deputies"),
    path("account/deputies/<int:number>/end/", pages_deputies.deputy_end, name="deputy-end"),
    path("organisations/", pages.organisation_list, name="organisations"),
    path("organisations/claim/", pages_claims.claim_by_code, name="claim-by-code"),
    path("organisations/new/", pages.organisation_new, name="organisation-new"),
    path("organisations/<str:code>/", pages.organisation_page, name="organisation"),
    path("organisations/<str:code>/edit/", pages.organisation_edit, name="organisation-edit"),
    path("organisations/<str:code>/claims/", pages_claims.claim_new, name="claim-new"),
    path("organisations/<str:code>/claims/<int:number>/<slug:answer>/", pages_claims.claim_answer, name="claim-answer"),
    path("organisations/<str:code>/members/", pages_members.member_list, name="members"),
    path("organisations/<str:code>/members/several/", pages_members.members_new, name="members-new"),
    path("organisations/<str:code>/members/new/", pages_members.member_new, name="member-new"),
    path("organisations/<str:code>/members/<int:number>/role/", pages_members.member_role, name="member-role"),
    path(
        "organisations/<str:code>/invitations/<int:number>/withdraw/",
        pages_members.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path("organisations/<str:code>/members/<int:number>/handover/", pages_handover.handover, name="handover"),
    path("organisations/<str:code>/handovers/<int:seq>/", pages_handover.handed_over, name="handed-over"),
    path("organisations/<str:code>/members/<int:number>/scope/", pages_scope.member_scope, name="member-scope"),
    path("organisations/<str:code>/duties/", pages_scope.duties, name="duties"),
    path("organisations/<str:code>/duties/<int:number>/end/", pages_scope.duty_end, name="duty-end"),
    path("organisations/<str:code>/members/<int:number>/end/", pages_members.member_end, name="member-end"),
    path("people/<str:code>/", pages.person_page, name="person"),
]
