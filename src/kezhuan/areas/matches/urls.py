"""Addresses of matches and introductions."""

from django.urls import path

from kezhuan.areas.matches import pages, pages_exposure, pages_missed, pages_precise, pages_suggested, pages_weights

urlpatterns = [
    path("match/", pages.match_page, name="match"),
    path("match/exposure/", pages_exposure.exposure_page, name="exposure"),
    path("match/precise/", pages_precise.precise_page, name="precise"),
    path("match/suggested/<str:code>/", pages_suggested.suggested_page, name="suggested"),
    path("match/weights/", pages_weights.weights_page, name="weightings"),
    path("match/weights/<int:number>/switch/", pages_weights.switch_page, name="weighting-switch"),
    path("match/missed/", pages_missed.missed_page, name="missed"),
    path("match/missed/<str:code>/", pages.mend_page, name="mend"),
    path("introductions/", pages.introduction_list, name="introductions"),
    path("introductions/<str:code>/", pages.introduction_page, name="introduction"),
    path("introductions/<str:code>/meeting/", pages.meeting_page, name="meeting"),
    path("needs/<str:need>/matches/<str:supply>/introduce/", pages.introduce_page, name="introduce"),
    path("needs/<str:need>/matches/<str:supply>/refuse/", pages.refuse_page, name="refuse"),
]
