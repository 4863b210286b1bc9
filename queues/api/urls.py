from django.urls import include, path
from rest_framework.routers import SimpleRouter

from queues.api import check_in, offers, public, views

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("tickets", views.TicketViewSet, basename="ticket")
router.register("counters", views.CounterViewSet, basename="counter")
router.register("queues", views.QueueViewSet, basename="queue")

urlpatterns = [
    path("providers/<slug:provider>/", include(router.urls)),
    path(
        "providers/<slug:provider>/appointments/<int:pk>/check-in",
        check_in.CheckInView.as_view({"post": "check_in"}),
        name="check-in",
    ),
    path(
        "providers/<slug:provider>/appointments/<int:pk>/walk-in",
        check_in.CheckInView.as_view({"post": "walk_in"}),
        name="walk-in",
    ),
    path(
        "providers/<slug:provider>/tickets/<int:pk>/book",
        check_in.BookTicketView.as_view({"post": "book"}),
        name="book-ticket",
    ),
    path(
        "public/appointment/check-in",
        check_in.CheckInHeldAppointmentView.as_view(),
        name="check-in-appointment",
    ),
    path(
        "providers/<slug:provider>/figures",
        views.FiguresViewSet.as_view({"get": "retrieve"}),
        name="figures",
    ),
    path("public/providers/<slug:provider>", public.PublicProviderView.as_view()),
    path("public/queues/<int:queue_id>/snapshot", public.SnapshotView.as_view(), name="snapshot"),
    path("public/queues/<int:queue_id>/tickets", public.PublicJoinView.as_view(), name="join"),
    path("public/ticket", public.HeldTicketView.as_view(), name="held-ticket"),
    path("public/ticket/offer", offers.TicketOfferView.as_view(), name="ticket-offer"),
    path(
        "public/ticket/offer/accept",
        offers.AcceptTicketOfferView.as_view(),
        name="accept-ticket-offer",
    ),
    path(
        "public/ticket/offer/refuse",
        offers.RefuseTicketOfferView.as_view(),
        name="refuse-ticket-offer",
    ),
    path("public/ticket/why", public.WhyView.as_view(), name="why"),
    path("public/ticket/cancel", public.CancelHeldTicketView.as_view(), name="leave"),
    path("public/ticket/rejoin", public.RejoinHeldTicketView.as_view(), name="rejoin"),
    path("public/ticket/defer", public.DeferHeldTicketView.as_view(), name="defer"),
    path("public/ticket/postpone", public.PostponeHeldTicketView.as_view(), name="postpone"),
    path("public/ticket/return", public.ReturnHeldTicketView.as_view(), name="return"),
]
