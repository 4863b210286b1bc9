"""The kinds of channels that changes of queues are told on.

``queues`` is public and carries the snapshot. The others are secret and say only that something
changed, ``{"queue": id, "sequence": number}``: whoever listens asks for what they may see.
"""

QUEUES = "queues"
TICKETS = "tickets"
"""Of one ticket, for its holder."""

LOCATIONS = "locations"
"""Of all queues of a location, for its desks."""
