"""Addresses of experts, panels and reviews."""

from django.urls import path

from kezhuan.areas.reviews import pages_experts, pages_fees, pages_guests, pages_panels, pages_reviews, pages_running

urlpatterns = [
    path("experts/", pages_experts.expert_list, name="experts"),
    path("experts/new/", pages_experts.expert_new, name="expert-new"),
    path("experts/<str:code>/", pages_experts.expert_page, name="expert"),
    path("experts/<str:code>/edit/", pages_experts.expert_edit, name="expert-edit"),
    path("experts/<str:code>/ties/", pages_experts.expert_ties, name="expert-ties"),
    path("experts/<str:code>/account/", pages_fees.expert_account, name="expert-account"),
    path("panels/", pages_panels.panel_list, name="panels"),
    path("panels/about/<str:code>/new/", pages_panels.panel_new, name="panel-new"),
    path("panels/<str:code>/", pages_panels.panel_page, name="panel"),
    path("panels/<str:code>/edit/", pages_panels.panel_edit, name="panel-edit"),
    path("panels/<str:code>/conflicts/", pages_running.panel_conflicts, name="panel-conflicts"),
    path("panels/<str:code>/conflicts/dismiss/", pages_running.panel_dismiss, name="panel-dismiss"),
    path("panels/<str:code>/assign/", pages_running.panel_assign, name="panel-assign"),
    path("panels/<str:code>/guests/new/", pages_guests.panel_guest, name="panel-guest"),
    path("panels/<str:code>/draw/", pages_running.panel_draw, name="panel-draw"),
    path("panels/<str:code>/draw/record/", pages_running.panel_draw_record, name="panel-draw-record"),
    path("panels/<str:code>/items/<int:number>/", pages_running.panel_hidden, name="panel-hidden"),
    path("panels/<str:code>/fees/", pages_fees.panel_fees, name="panel-fees"),
    path("panels/<str:code>/fees/sheet/", pages_fees.panel_fee_sheet, name="panel-fee-sheet"),
    path("panels/<str:code>/meeting/", pages_running.panel_meeting, name="panel-meeting"),
    path("reviews/", pages_reviews.review_list, name="reviews"),
    path("reviews/<str:code>/", pages_reviews.review_page, name="review"),
    path("reviews/<str:code>/address/", pages_guests.review_address, name="review-address"),
    path("reviews/<str:code>/address/end/", pages_guests.review_address_end, name="review-address-end"),
    path("guests/<str:token>/", pages_guests.guest, name="guest"),
    path("guests/<str:token>/ties/", pages_guests.guest_ties, name="guest-ties"),
    path("guests/<str:token>/decline/", pages_guests.guest_decline, name="guest-decline"),
    path("guests/<str:token>/account/", pages_guests.guest_account, name="guest-account"),
    path("guests/<str:token>/items/<int:number>/", pages_guests.guest_item, name="guest-item"),
    path("guests/<str:token>/items/<int:number>/give-back/", pages_guests.guest_give_back, name="guest-give-back"),
    path("reviews/<str:code>/items/<int:number>/", pages_reviews.review_item, name="review-item"),
    path("reviews/<str:code>/items/<int:number>/give-back/", pages_reviews.review_give_back, name="review-give-back"),
]
