"""Actions that behave as a test asks."""
