"""Deals, under `deals/` of a trust's host."""

from django.urls import path

from pools.deals.views import acts, facilities, packaging, pipeline, pools, requests

urlpatterns = [
    path("deals/", pipeline.pipeline, name="deals"),
    path("deals/requests/<uuid:rid>/", requests.request_page, name="deals-request"),
    path("deals/requests/<uuid:rid>/measure/", requests.measure, name="deals-measure"),
    path("deals/requests/<uuid:rid>/answer/<slug:code>/", requests.answer, name="deals-answer"),
    path("deals/requests/<uuid:rid>/close/<slug:outcome>/", requests.close, name="deals-close"),
    path("deals/requests/<uuid:rid>/propose/", facilities.propose, name="deals-propose"),
    path("deals/facilities/<uuid:facility_id>/", facilities.facility, name="deals-facility"),
    path("deals/facilities/<uuid:facility_id>/vote/", facilities.vote, name="deals-vote"),
    path("deals/facilities/<uuid:facility_id>/package/", packaging.package, name="deals-package"),
    path("deals/pools/<uuid:pool_id>/", pools.overview_page, name="deals-pool"),
    path("deals/pools/<uuid:pool_id>/selection/", pools.selection_page, name="deals-selection"),
    path("deals/pools/<uuid:pool_id>/structure/", pools.structure_page, name="deals-structure"),
    path("deals/pools/<uuid:pool_id>/assets/", pools.members_page, name="deals-members"),
    path("deals/pools/<uuid:pool_id>/approve/", acts.approve, name="deals-approve"),
    path("deals/pools/<uuid:pool_id>/ask/", acts.ask, name="deals-ask"),
    path("deals/pools/<uuid:pool_id>/purchase/", acts.purchase, name="deals-purchase"),
    path("deals/pools/<uuid:pool_id>/instruct/", acts.instruct, name="deals-instruct"),
    path("deals/pools/<uuid:pool_id>/cancel/", acts.cancel, name="deals-cancel"),
    path("deals/payments/<uuid:paid_id>/confirm/", acts.confirm_cash, name="deals-confirm"),
]
