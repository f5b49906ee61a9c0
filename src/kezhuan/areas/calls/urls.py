"""Addresses of calls and applications."""

from django.urls import path

from kezhuan.areas.calls import (
    pages,
    pages_applications,
    pages_decided,
    pages_desk,
    pages_library,
    pages_list,
    pages_opening,
    pages_recommending,
    pages_shortlist,
)

urlpatterns = [
    path("calls/", pages.call_list, name="calls"),
    path("calls/new/", pages.call_new, name="call-new"),
    path("calls/<str:code>/shortlist/", pages_shortlist.call_shortlist, name="call-shortlist"),
    path("calls/<str:code>/decisions/", pages_decided.call_decisions, name="call-decisions"),
    path("calls/<str:code>/", pages.call_page, name="call"),
    path("calls/<str:code>/edit/", pages.call_edit, name="call-edit"),
    path("calls/<str:code>/items/new/", pages_list.item_new, name="call-item-new"),
    path("calls/<str:code>/items/<int:number>/remove/", pages_list.item_remove, name="call-item-remove"),
    path("calls/<str:code>/items/<int:number>/apply/", pages_applications.application_new, name="application-new"),
    path("calls/<str:code>/collected/", pages_list.call_collected, name="call-collected"),
    path("calls/<str:code>/collected/list/", pages_list.call_list_collected, name="call-list-collected"),
    path("calls/<str:code>/places/new/", pages_list.place_new, name="call-place-new"),
    path("calls/<str:code>/places/<int:number>/", pages_list.place_edit, name="call-place-edit"),
    path("calls/<str:code>/questions/new/", pages_desk.call_ask, name="call-ask"),
    path("calls/<str:code>/questions/<int:number>/", pages_desk.call_answer, name="call-answer"),
    path("calls/<str:code>/post-again/", pages_desk.call_post_again, name="call-post-again"),
    path("calls/<str:code>/recommend/", pages_recommending.call_recommend, name="call-recommend"),
    path("calls/<str:code>/readings/", pages_desk.call_readings, name="call-readings"),
    path("calls/<str:code>/proposal/", pages_desk.call_proposal, name="call-proposal"),
    path("calls/<str:code>/opening-code/", pages_opening.call_opening_code, name="call-opening-code"),
    path("calls/<str:code>/open/", pages_opening.call_open, name="call-open"),
    path("library/", pages_library.library, name="library"),
    path("library/order/", pages_library.library_order, name="library-order"),
    path("library/documents/new/", pages_library.budget_new, name="budget-new"),
    path("library/documents/<int:number>/", pages_library.budget, name="budget"),
    path("library/documents/<int:number>/withdraw/", pages_library.budget_withdraw, name="budget-withdraw"),
    path("applications/", pages_applications.application_list, name="applications"),
    path("applications/<str:code>/", pages_applications.application_page, name="application"),
    path("applications/<str:code>/edit/", pages_applications.application_edit, name="application-edit"),
]
