"""Actions of which one is to go."""
