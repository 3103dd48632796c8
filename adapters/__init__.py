"""How ports are kept: one folder for each technology."""
