"""One run for each checkout."""

import fcntl
import os
from pathlib import Path

from embedded.say import ProblemError


class Lock:
    """A lock that ends with this process, however it ends.

    Raises:
        BlockingIOError: another process holds it.
        ProblemError: the file belongs to another user.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("a")
        except PermissionError as error:
            raise ProblemError(f"{path} belongs to another user: run this as that user.") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise
        # A forked child that outlives us would otherwise hold the lock in our place.
        os.register_at_fork(after_in_child=self._file.close)

    def release(self) -> None:
        """Let the next run begin."""
        self._file.close()
