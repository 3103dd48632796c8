"""Running the actions of another service. Nothing here needs what serves or stores."""
