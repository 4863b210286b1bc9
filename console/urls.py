from django.urls import path

from console.views import app, desk, today

urlpatterns = [
    path("", today.home, name="console-home"),
    path("console/<slug:provider>/", today.today, name="console-today"),
    path("console/<slug:provider>/app/", app.app, name="console-app"),
    path("console/<slug:provider>/app/look/", app.set_look, name="console-app-look"),
    path("console/<slug:provider>/desk/", desk.choose_counter, name="console-desks"),
    path("console/<slug:provider>/desk/<int:counter_id>/", desk.desk, name="console-desk"),
    path(
        "console/<slug:provider>/desk/<int:counter_id>/<slug:action>/",
        desk.act,
        name="console-desk-act",
    ),
]
