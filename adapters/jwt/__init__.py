"""Identity by signed tokens."""
