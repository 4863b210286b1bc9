"""What the views below /api/v1/public/ have in common."""

from contextlib import ExitStack
from typing import Any

from django_scopes import scope
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from providers.models import Provider


class PublicView(APIView):
    """A view for everybody; handlers run with the provider they are about in scope."""

    authentication_classes = []
    permission_classes = [AllowAny]
    http_method_names = ["get", "head", "post"]
    provider: Provider

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self._until_answered:
            return super().dispatch(request, *args, **kwargs)

    def enter(self, provider: Provider) -> None:
        """Puts the provider in scope until the request is answered."""
        self.provider = provider
        self._until_answered.enter_context(scope(provider=provider))
