"""Progress shown on a terminal."""
