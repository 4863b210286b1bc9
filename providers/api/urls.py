from django.urls import include, path
from rest_framework.routers import SimpleRouter

from providers.api import places, views

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("locations", views.LocationViewSet, basename="location")
router.register("services", views.ServiceViewSet, basename="service")
router.register("members", views.MemberViewSet, basename="member")

urlpatterns = [
    path("me", views.MeView.as_view(), name="me"),
    path(
        "providers/<slug:provider>",
        views.ProviderView.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="provider",
    ),
    path("providers/<slug:provider>/", include(router.urls)),
    path(
        "public/providers/<slug:provider>/places",
        places.PublicPlacesView.as_view(),
        name="public-places",
    ),
]
