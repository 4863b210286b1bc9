from django.urls import path

from pwa.views import app, board, bookings, kiosk, pages, waiting

urlpatterns = [
    path("b/<str:token>/", bookings.booking, name="booking"),
    path("b/<str:token>/cancel/", bookings.cancel, name="booking-cancel"),
    path("b/<str:token>/move/", bookings.move, name="booking-move"),
    path("w/<str:token>/", waiting.waiting, name="waiting"),
    path("w/<str:token>/accept/", waiting.accept, name="waiting-accept"),
    path("w/<str:token>/leave/", waiting.leave, name="waiting-leave"),
    path("w/<str:token>/refuse/", waiting.refuse, name="waiting-refuse"),
    path("board/", board.board, name="board"),
    path("board/data/", board.data, name="board-data"),
    path("board/pair/", board.pair, name="board-pair"),
    path("kiosk/", kiosk.kiosk, name="kiosk"),
    path("kiosk/data/", kiosk.data, name="kiosk-data"),
    path("kiosk/help/", kiosk.call_help, name="kiosk-help"),
    path("kiosk/pair/", kiosk.pair, name="kiosk-pair"),
    path("kiosk/tickets/", kiosk.take, name="kiosk-take"),
    path("p/<slug:provider>/", app.entry, name="app"),
    path("p/<slug:provider>/embed", app.embedded, name="app-embedded"),
    path("p/<slug:provider>/<path:name>", app.file, name="app-file"),
    path("q/<slug:provider>/", pages.home, name="customer-home"),
    path("q/<slug:provider>/join/<int:queue_id>/", pages.join, name="customer-join"),
    path("q/<slug:provider>/ticket/", pages.ticket, name="customer-ticket"),
    path("q/<slug:provider>/ticket/why/", pages.why, name="customer-why"),
    path("q/<slug:provider>/ticket/leave/", pages.leave, name="customer-leave"),
    path("q/<slug:provider>/ticket/rejoin/", pages.rejoin, name="customer-rejoin"),
    path("q/<slug:provider>/ticket/defer/", pages.defer, name="customer-defer"),
    path("q/<slug:provider>/ticket/postpone/", pages.postpone, name="customer-postpone"),
    path("q/<slug:provider>/ticket/return/", pages.come_back, name="customer-return"),
]
