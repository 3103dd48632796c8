"""The OpenAPI document: made once from the registry, and what may change in it."""
