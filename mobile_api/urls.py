"""The phone page, the devices page and the phone's API, on a lessor's host."""

from django.urls import path

from mobile_api import api, applications, collecting, views

urlpatterns = [
    path("phone/", views.phone, name="phone"),
    path("phone/manifest.webmanifest", views.manifest, name="phone-manifest"),
    path("phone/service-worker.js", views.worker, name="phone-worker"),
    path("devices/", views.devices, name="devices"),
    path("devices/<str:kid>/approve/", views.approve_device, name="approve-device"),
    path("devices/<str:kid>/revoke/", views.revoke_device, name="revoke-device"),
    path("api/v1/devices/", api.Devices.as_view(), name="api-devices"),
    path("api/v1/devices/<str:kid>/", api.Device.as_view(), name="api-device"),
    path("api/v1/devices/<str:kid>/approve/", api.DeviceApproval.as_view(), name="api-approve"),
    path("api/v1/devices/<str:kid>/revoke/", api.DeviceRevocation.as_view(), name="api-revoke"),
    path("api/v1/devices/<str:kid>/unlock/", api.DeviceUnlock.as_view(), name="api-unlock"),
    path("api/v1/quote/", api.Calculations.as_view(), name="api-quote"),
    path("api/v1/quotes/", api.QuoteRecords.as_view(), name="api-quotes"),
    path("api/v1/quotes/<uuid:rid>/receipt/", api.QuoteReceipt.as_view(), name="api-quote-receipt"),
    path("api/v1/worklist/", collecting.WorkList.as_view(), name="api-worklist"),
    path("api/v1/contacts/", collecting.Contacts.as_view(), name="api-contacts"),
    path(
        "api/v1/contacts/<uuid:rid>/receipt/",
        collecting.ContactReceipt.as_view(),
        name="api-contact-receipt",
    ),
    path("api/v1/uploads/", api.Uploads.as_view(), name="api-uploads"),
    path("api/v1/uploads/<str:sha256>/", api.Upload.as_view(), name="api-upload"),
    path("api/v1/leases/", api.Leases.as_view(), name="api-leases"),
    path("api/v1/applications/", applications.Applications.as_view(), name="api-applications"),
    path(
        "api/v1/applications/<uuid:rid>/receipt/",
        applications.ApplicationReceipt.as_view(),
        name="api-application-receipt",
    ),
    path("api/v1/leases/erased/", api.ErasedLeases.as_view(), name="api-erased"),
    path("api/v1/leases/<uuid:rid>/receipt/", api.LeaseReceipt.as_view(), name="api-receipt"),
]
