"""Idempotency-Key for the views of the API."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from events import idempotency

KEY_HEADER = "Idempotency-Key"
KEY_LENGTH = range(16, 129)

Handler = Callable[..., Response]


class IdempotentPostMixin(APIView):
    """Lets every POST carry an Idempotency-Key: its repeats get the first answer again.

    Subclasses say in ``idempotency_scope`` who sent the key. Only answers that took effect are
    kept; after an error the same key may be tried again.
    """

    answers_are_secret: ClassVar[bool] = False
    """Whether answers must not be written down, so that no key can be honoured."""

    def idempotency_scope(self) -> str:
        """Who sent the request; two senders never share a key."""
        raise NotImplementedError

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Wraps the handler once authentication and rights were checked."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and KEY_HEADER in request.headers:
            handler: Handler = getattr(self, "post")  # noqa: B009 (not every view has one)
            setattr(self, "post", partial(self._answer_once, handler))  # noqa: B010

    def _answer_once(self, handler: Handler, request: Request, *args: Any, **kw: Any) -> Response:
        if self.answers_are_secret:
            raise serializers.ValidationError(
                {KEY_HEADER: ["The answer is secret and is not kept. Send the request without."]}
            )
        key = request.headers[KEY_HEADER]
        if len(key) not in KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise serializers.ValidationError(
                {KEY_HEADER: ["Use 16 to 128 printable ASCII characters, best a UUID."]}
            )

        def effect() -> idempotency.Answer:
            response = handler(request, *args, **kw)
            return idempotency.Answer(
                response.status_code, json.dumps(response.data, cls=JSONEncoder)
            )

        answer = idempotency.run_once(
            scope=self.idempotency_scope(),
            key=key,
            fingerprint=idempotency.fingerprint("POST", request.path, request.body),
            effect=effect,
        )
        headers = {"Idempotency-Replayed": "true"} if answer.is_repeat else None
        return Response(json.loads(answer.body), status=answer.status, headers=headers)
