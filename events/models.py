from django.db import models

from waitlessq import clock


class OutboxMessage(models.Model):
    """Something that happened, to be told after its transaction committed.

    Names its provider and subject by id, not by foreign key: it may outlive them. Deleted when
    every handler of its topic is done.
    """

    provider_id = models.BigIntegerField()
    topic = models.CharField(max_length=50)
    subject_id = models.BigIntegerField()
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            # relay_batch: the oldest of a topic.
            models.Index(fields=["topic", "id"], name="outbox_by_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject_id}"


class IdempotencyRecord(models.Model):
    """The answer that was given to a request with an Idempotency-Key, to be given again."""

    scope = models.CharField(max_length=100, help_text="Who sent the key, e.g. provider:3/key:8.")
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_is_unique"),
        ]
        indexes = [
            # forget_idempotency_records: the oldest first.
            models.Index(fields=["created_at"], name="idempotency_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
