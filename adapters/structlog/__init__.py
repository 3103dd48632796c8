"""The log kept by structlog."""
