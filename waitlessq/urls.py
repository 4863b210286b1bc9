"""Every address of the platform: the composition root."""

from csp.decorators import csp_update
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_POST
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from console.views.styleguide import styleguide
from waitlessq import errors, health

SCHEMA_SECONDS = 300

# What is asked for most comes first: Django tries one pattern after the other.
api_v1: list[URLPattern | URLResolver] = [
    path("", include("queues.api.urls")),
    path("", include("providers.api.urls")),
    path("", include("appointments.api.urls")),
    path("", include("notifications.api.urls")),
    path("", include("integrations.api.urls")),
    # The same for everybody until the next release, and slow to make.
    path("schema", cache_page(SCHEMA_SECONDS)(SpectacularAPIView.as_view()), name="api-schema"),
    path(
        "docs/",
        # Its page has a style sheet in it, and pictures in that.
        csp_update({"style-src": ["'unsafe-inline'"]})(
            SpectacularSwaggerSplitView.as_view(url_name="api-schema")
        ),
        name="api-docs",
    ),
]

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("health", health.health, name="health"),
    path("api/v1/", include(api_v1)),
    path("accounts/", include("allauth.account.urls")),
    path("language/", require_POST(set_language), name="set-language"),
    path("", include("console.urls")),
    path("", include("pwa.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide", styleguide, name="styleguide"))

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
