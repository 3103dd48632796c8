"""Other services, by HTTP."""
