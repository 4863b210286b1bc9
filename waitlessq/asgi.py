"""The ASGI application that serves event streams, and nothing else: `gunicorn -k asgi`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waitlessq.settings")

from django.conf import settings

from waitlessq.streams.hub import Hub

application = Hub(str(settings.CACHES["default"]["LOCATION"]))
