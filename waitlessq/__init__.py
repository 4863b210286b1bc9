"""The kernel and composition root: settings, URLs, and what every app stands on."""

from waitlessq.celery import app as celery_app

__all__ = ["celery_app"]
