"""What stops a replay."""


class ReplayError(Exception):
    """The replay can not start or can not go on; its text is for whoever started it."""


class InterruptedReplayError(ReplayError):
    """Somebody stopped the replay; started again, it goes on where it was."""
