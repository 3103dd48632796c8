"""Ports kept in memory: for tests, and for running without a database."""
