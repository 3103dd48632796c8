"""Handlers in the spelling that the pattern was published in."""
