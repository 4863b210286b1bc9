from django.urls import path

from notifications.api import views

urlpatterns = [
    path("public/push", views.PushKeyView.as_view(), name="push-key"),
    path("public/push/renew", views.PushRenewView.as_view(), name="push-renew"),
    path("public/push/shown", views.PushShownView.as_view(), name="push-shown"),
    path("public/ticket/push", views.TicketPushView.as_view(), name="ticket-push"),
    path(
        "public/ticket/push/remove",
        views.TicketPushRemoveView.as_view(),
        name="ticket-push-remove",
    ),
    path("public/ticket/push/test", views.TicketPushTestView.as_view(), name="ticket-push-test"),
    path("public/appointment/push", views.AppointmentPushView.as_view(), name="appointment-push"),
    path(
        "public/appointment/push/remove",
        views.AppointmentPushRemoveView.as_view(),
        name="appointment-push-remove",
    ),
    path("public/waitlist/push", views.WaitlistPushView.as_view(), name="waitlist-push"),
    path(
        "public/waitlist/push/remove",
        views.WaitlistPushRemoveView.as_view(),
        name="waitlist-push-remove",
    ),
]
