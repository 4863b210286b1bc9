"""Replaying a queue log through the API, and checking what the platform made of it.

``log`` reads the file, ``plan`` and ``order`` turn it into actions, ``schedule`` and ``workers``
send them, ``check`` compares the database with the log. See docs/replay.md for the rules.
"""
