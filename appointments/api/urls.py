from django.urls import include, path
from rest_framework.routers import SimpleRouter

from appointments.api import feeds, public, views, waitlist

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("resources", views.ResourceViewSet, basename="resource")
router.register("availability-rules", views.AvailabilityRuleViewSet, basename="availability-rule")
router.register(
    "availability-exceptions", views.AvailabilityExceptionViewSet, basename="availability-exception"
)
router.register("booking-policies", views.BookingPolicyViewSet, basename="booking-policy")
router.register("slots", views.SlotsView, basename="slot")
router.register("holds", views.HoldViewSet, basename="hold")
router.register("busy-feeds", feeds.BusyFeedViewSet, basename="busy-feed")
router.register("waitlist", waitlist.WaitlistViewSet, basename="waitlist")
router.register("appointments", views.AppointmentViewSet, basename="appointment")

urlpatterns = [
    path("providers/<slug:provider>/", include(router.urls)),
    path(
        "providers/<slug:provider>/resources/<int:pk>/late",
        views.LateView.as_view({"post": "late"}),
        name="run-late",
    ),
    path(
        "providers/<slug:provider>/resources/<int:pk>/late/undo",
        views.LateView.as_view({"post": "undo"}),
        name="undo-late",
    ),
    path(
        "providers/<slug:provider>/booking-rules",
        views.BookingRulesView.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="booking-rules",
    ),
    path(
        "public/providers/<slug:provider>/booking",
        public.PublicBookingView.as_view(),
        name="public-booking",
    ),
    path(
        "public/providers/<slug:provider>/slots",
        public.PublicSlotsView.as_view(),
        name="public-slots",
    ),
    path(
        "public/providers/<slug:provider>/holds",
        public.PublicHoldsView.as_view(),
        name="public-holds",
    ),
    path(
        "public/providers/<slug:provider>/appointments",
        public.PublicAppointmentsView.as_view(),
        name="public-appointments",
    ),
    path(
        "public/providers/<slug:provider>/appointments/series",
        public.PublicSeriesView.as_view(),
        name="public-series",
    ),
    path(
        "public/providers/<slug:provider>/waitlist",
        waitlist.PublicWaitlistView.as_view(),
        name="public-waitlist",
    ),
    path("public/waitlist", waitlist.HeldEntryView.as_view(), name="held-entry"),
    path("public/waitlist/leave", waitlist.LeaveWaitlistView.as_view(), name="leave-waitlist"),
    path("public/waitlist/accept", waitlist.AcceptOfferView.as_view(), name="accept-offer"),
    path("public/waitlist/refuse", waitlist.RefuseOfferView.as_view(), name="refuse-offer"),
    path(
        "providers/<slug:provider>/calendar-feed",
        feeds.MemberFeedView.as_view({"post": "open", "delete": "close"}),
        name="member-feed",
    ),
    path("public/appointment/feed", feeds.CustomerFeedView.as_view(), name="customer-feed"),
    path("public/hold/release", public.PublicHoldReleaseView.as_view(), name="release-hold"),
    path("public/appointment", public.HeldAppointmentView.as_view(), name="held-appointment"),
    path(
        "public/appointment/slots",
        public.HeldAppointmentSlotsView.as_view(),
        name="held-appointment-slots",
    ),
    path(
        "public/appointment/cancel",
        public.CancelHeldAppointmentView.as_view(),
        name="cancel-appointment",
    ),
    path(
        "public/appointment/reschedule",
        public.RescheduleHeldAppointmentView.as_view(),
        name="reschedule-appointment",
    ),
]
