from django.urls import path

from pwa import views

urlpatterns = [
    path("q/<slug:provider>/", views.home, name="customer-home"),
    path("q/<slug:provider>/join/<int:queue_id>/", views.join, name="customer-join"),
    path("q/<slug:provider>/ticket/", views.ticket, name="customer-ticket"),
    path("q/<slug:provider>/ticket/leave/", views.leave, name="customer-leave"),
]
