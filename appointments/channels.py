"""The kind of channel that changes of bookings are told on.

It is secret and says only that something changed, ``{"appointment": id, "sequence": number}``:
whoever listens asks for what they may see.
"""

CALENDARS = "calendars"
"""Of all bookings of a location, for its calendar."""
