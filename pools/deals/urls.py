"""Deals, under `deals/` of a trust's host."""

from django.urls import path

from pools.deals.views import facilities, pipeline, requests

urlpatterns = [
    path("deals/", pipeline.pipeline, name="deals"),
    path("deals/requests/<uuid:rid>/", requests.request_page, name="deals-request"),
    path("deals/requests/<uuid:rid>/measure/", requests.measure, name="deals-measure"),
    path("deals/requests/<uuid:rid>/answer/<slug:code>/", requests.answer, name="deals-answer"),
    path("deals/requests/<uuid:rid>/close/<slug:outcome>/", requests.close, name="deals-close"),
    path("deals/requests/<uuid:rid>/propose/", facilities.propose, name="deals-propose"),
    path("deals/facilities/<uuid:facility_id>/", facilities.facility, name="deals-facility"),
    path("deals/facilities/<uuid:facility_id>/vote/", facilities.vote, name="deals-vote"),
]
