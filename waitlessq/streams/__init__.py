"""Event streams: what changed reaches open pages.

A publisher sends messages to channels; the hub, or an edge that can do the same, holds the
connections. A stream may lose messages, so it is never the truth: pages ask for the newest state
when they connect, drop what is older than what they have, and poll while a stream is silent.
"""
