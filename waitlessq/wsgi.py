"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waitlessq.settings")
# Only processes that answer requests pool their connections: a pool does not survive the fork of
# a Celery worker, and a management command uses one connection.
os.environ.setdefault("DATABASE_POOL", "true")

application = get_wsgi_application()
