from django.urls import include, path
from rest_framework.routers import SimpleRouter

from integrations.api import views

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("api-keys", views.ApiKeyViewSet, basename="api-key")

urlpatterns = [path("providers/<slug:provider>/", include(router.urls))]
