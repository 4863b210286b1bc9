"""Where a provider is and when it is open, for everybody."""

from django.http import Http404
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from providers.api.public import PublicView
from providers.api.serializers import PlaceSerializer
from providers.selectors import places, provider_by_slug

MAX_AGE_SECONDS = 60


class PublicPlacesView(PublicView):
    """The locations of a provider."""

    http_method_names = ["get", "head"]

    @extend_schema(responses=PlaceSerializer(many=True))
    def get(self, request: Request, provider: str) -> Response:
        """Addresses, and opening hours of the next seven days."""
        found = provider_by_slug(provider)
        if found is None:
            raise Http404
        self.enter(found)
        response = Response(PlaceSerializer(places(), many=True).data)
        patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
        return response
