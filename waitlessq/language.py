"""The language of pages: what a person chose, else what their browser asks for."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

# Programs read these, and apps bring their own words; caches must not keep a copy a language.
WITHOUT_LANGUAGE = ("/api/", "/p/", "/livez", "/readyz", "/health")


class PageLanguageMiddleware(LocaleMiddleware):
    """Django's, for pages only: the API speaks one language, whatever a client accepts."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith(WITHOUT_LANGUAGE):
            # The thread may still have the language of the page that it made before.
            translation.activate(settings.LANGUAGE_CODE)
        else:
            super().process_request(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path.startswith(WITHOUT_LANGUAGE):
            return response
        return super().process_response(request, response)
