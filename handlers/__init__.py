"""What the service can do: one module for each action; the listing is the table of contents."""
