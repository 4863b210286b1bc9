"""Logs without what opens doors: who reads them could else move a booking, or follow a ticket."""

import logging
import re

# Tokens in the links of mails (new passwords among them) and feeds, keys of previews, and the
# signatures of secret channels.
SECRETS = re.compile(
    r"(?P<before>/(?:b|w|feeds|preview/[-\w]+|accounts/password/reset/key)/)[^/\s\"'?]{12,}"
    r"|(?P<channel>\b[a-z]+-\d+-)[0-9a-f]{32}\b"
)


def without_secrets(text: str) -> str:
    """The text with an ellipsis in place of each secret."""
    return SECRETS.sub(lambda found: f"{found['before'] or found['channel']}…", text)


class SafeFormatter(logging.Formatter):
    """Formats as it is told to, or as another formatter does, and leaves secrets out.

    What an exception says is part of that, so this is no filter.
    """

    def __init__(self, fmt: str | None = None, *, like: logging.Formatter | None = None) -> None:
        super().__init__(fmt)
        self._like = like

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record) if self._like is None else self._like.format(record)
        return without_secrets(text)


def make_safe(logger: logging.Logger) -> None:
    """Has all that a library set up for this logger leave secrets out, too."""
    for handler in logger.handlers:
        handler.setFormatter(SafeFormatter(like=handler.formatter or logging.Formatter()))
