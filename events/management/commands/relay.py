"""The relay as a process."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from events.relay import relay_until
from waitlessq import metrics


class Command(BaseCommand):
    """Tells what happened, until SIGTERM or Ctrl-C; a change that it has begun to tell is told."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        metrics.serve()
        self.stdout.write("Telling what happened.")
        relay_until(stop)
