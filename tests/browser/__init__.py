"""Desk and phone in a real Chromium, on the whole platform."""
