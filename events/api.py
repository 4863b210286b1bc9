"""Idempotency-Key for the views of the API."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.core.signing import Signer
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from events import idempotency
from waitlessq.tokens import id_from

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

    def to_record(self, data: Any) -> Any:
        """What of an answer is written down; ``from_record`` makes the answer of it again."""
        return data

    def from_record(self, text: str) -> str:
        """The JSON of the answer that ``to_record`` was given, from what was written down."""
        return text

    def idempotency_scope(self) -> str:
        """Who sent the request; two senders never share a key."""
        raise NotImplementedError

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Wraps the handler once authentication and rights were checked."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and KEY_HEADER in request.headers:
            handler: Handler = getattr(self, "post")  # noqa: B009 (not every view has one)
            setattr(self, "post", partial(self._answer_once, handler))  # noqa: B010

    def check_key(self, key: str) -> None:
        """Refuses a key that cannot be told from others.

        Raises:
            ValidationError: it is too short, too long or not printable ASCII.
        """
        if len(key) not in KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise serializers.ValidationError(
                {KEY_HEADER: ["Use 16 to 128 printable ASCII characters, best a UUID."]}
            )

    def _answer_once(
        self, handler: Handler, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if self.answers_are_secret:
            raise serializers.ValidationError(
                {KEY_HEADER: ["The answer is secret and is not kept. Send the request without."]}
            )
        key = request.headers[KEY_HEADER]
        self.check_key(key)

        def effect() -> idempotency.Answer:
            response = handler(request, *args, **kwargs)
            record = self.to_record(response.data)
            text = json.dumps(record, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))
            return idempotency.Answer(response.status_code, text)

        answer = idempotency.run_once(
            scope=self.idempotency_scope(),
            key=key,
            fingerprint=idempotency.fingerprint("POST", request.path, request.body),
            effect=effect,
        )
        response = HttpResponse(
            self.from_record(answer.body), content_type="application/json", status=answer.status
        )
        if answer.is_repeat:
            response["Idempotency-Replayed"] = "true"
        return response


class TokenNotRecordedMixin(IdempotentPostMixin):
    """Answers with a token, of which the record keeps the id only.

    Whoever reads what is stored can prove nothing with it.
    """

    signer: ClassVar[Signer]

    def to_record(self, data: Any) -> Any:
        return {**data, "token": id_from(self.signer, data["token"])}

    def from_record(self, text: str) -> str:
        data = json.loads(text)
        token = self.signer.sign(str(data["token"]))
        return json.dumps({**data, "token": token}, ensure_ascii=False)


class GivenTokenMixin(TokenNotRecordedMixin):
    """The same where many senders share a scope, and a repeat gets the token."""

    def check_key(self, key: str) -> None:
        """A UUID, which nobody guesses."""
        try:
            UUID(key)
        except ValueError:
            raise serializers.ValidationError({KEY_HEADER: ["Use a random UUID."]}) from None
