from django.urls import path

from console.views import (
    addresses,
    app,
    customers,
    desk,
    figures,
    phone,
    poster,
    site,
    today,
    what_if,
)
from console.views.boards import BOARDS
from console.views.calendar import book, bookings, feed, late, screen, wait_form, waitlist
from console.views.kiosks import KIOSKS
from console.views.screens import screen_paths
from console.views.settings import settings_routes

urlpatterns = [
    path("", today.home, name="console-home"),
    path("console/<slug:provider>/", today.today, name="console-today"),
    path("console/<slug:provider>/app/", app.app, name="console-app"),
    path("console/<slug:provider>/app/look/", app.set_look, name="console-app-look"),
    path("console/<slug:provider>/app/site/", site.site, name="console-app-site"),
    path("console/<slug:provider>/app/publish/", app.publish, name="console-app-publish"),
    path(
        "console/<slug:provider>/app/publishing/",
        app.set_publishing,
        name="console-app-publishing",
    ),
    path("console/<slug:provider>/app/zip/", addresses.download, name="console-app-zip"),
    path("console/<slug:provider>/app/domains/", addresses.add, name="console-domain-add"),
    path(
        "console/<slug:provider>/app/domains/verify/",
        addresses.verify,
        name="console-domain-verify",
    ),
    path(
        "console/<slug:provider>/app/domains/remove/",
        addresses.remove,
        name="console-domain-remove",
    ),
    *screen_paths(BOARDS),
    *screen_paths(KIOSKS),
    path("console/<slug:provider>/figures/", figures.figures, name="console-figures"),
    path("console/<slug:provider>/figures.csv", figures.download, name="console-figures-csv"),
    path("console/<slug:provider>/poster/<int:queue_id>/", poster.poster, name="console-poster"),
    path("console/<slug:provider>/customers/", customers.search, name="console-customers"),
    path("console/<slug:provider>/customers/new/", customers.add, name="console-customer-new"),
    path(
        "console/<slug:provider>/customers/<int:customer_id>/",
        customers.customer,
        name="console-customer",
    ),
    path(
        "console/<slug:provider>/customers/<int:customer_id>/name/",
        customers.rename,
        name="console-customer-name",
    ),
    path(
        "console/<slug:provider>/customers/<int:customer_id>/note/",
        customers.note,
        name="console-customer-note",
    ),
    path(
        "console/<slug:provider>/customers/<int:customer_id>/join/",
        customers.join,
        name="console-customer-join",
    ),
    path(
        "console/<slug:provider>/customers/<int:customer_id>/erase/",
        customers.erase,
        name="console-customer-erase",
    ),
    path("console/<slug:provider>/calendar/", screen.calendar, name="console-calendar"),
    path("console/<slug:provider>/calendar/book/", book.book, name="console-book"),
    path("console/<slug:provider>/calendar/feed/", feed.feed, name="console-feed"),
    path("console/<slug:provider>/calendar/late/", late.run_late, name="console-calendar-late"),
    path(
        "console/<slug:provider>/calendar/late/undo/", late.undo, name="console-calendar-late-undo"
    ),
    path("console/<slug:provider>/calendar/waiting/", waitlist.waitlist, name="console-waitlist"),
    path(
        "console/<slug:provider>/calendar/waiting/add/", wait_form.add, name="console-waitlist-add"
    ),
    path(
        "console/<slug:provider>/calendar/waiting/<int:entry_id>/<slug:answer>/",
        waitlist.act,
        name="console-waitlist-act",
    ),
    path(
        "console/<slug:provider>/calendar/<int:appointment_id>/",
        bookings.booking,
        name="console-booking",
    ),
    path(
        "console/<slug:provider>/calendar/<int:appointment_id>/places/",
        bookings.places,
        name="console-booking-places",
    ),
    path(
        "console/<slug:provider>/calendar/<int:appointment_id>/<slug:change>/",
        bookings.act,
        name="console-booking-act",
    ),
    path("console/<slug:provider>/desk/", desk.choose_counter, name="console-desks"),
    path("console/<slug:provider>/desk/<int:counter_id>/", desk.desk, name="console-desk"),
    path(
        "console/<slug:provider>/desk/<int:counter_id>/phone/<int:ticket_id>/",
        phone.phone,
        name="console-desk-phone",
    ),
    path(
        "console/<slug:provider>/desk/<int:counter_id>/what-if/",
        what_if.what_if,
        name="console-what-if",
    ),
    path(
        "console/<slug:provider>/desk/<int:counter_id>/search/",
        desk.search,
        name="console-desk-search",
    ),
    path(
        "console/<slug:provider>/desk/<int:counter_id>/<slug:action>/",
        desk.act,
        name="console-desk-act",
    ),
    *settings_routes(),
]
