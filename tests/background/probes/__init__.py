"""Actions that behave in the background as a test asks."""
