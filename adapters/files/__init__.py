"""Files kept in a folder, and what every file store asks of a file: its kind, its safety, its archive's entries."""
