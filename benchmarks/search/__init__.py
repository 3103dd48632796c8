"""Search in PostgreSQL among a million assets, beside reading one of them."""
