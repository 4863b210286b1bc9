from django.urls import path

from console import views

urlpatterns = [
    path("", views.home, name="console-home"),
    path("console/<slug:provider>/", views.today, name="console-today"),
]
