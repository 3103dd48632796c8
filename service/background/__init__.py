"""Work in the background: what workers and relays do."""
