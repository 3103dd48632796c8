"""The serializer kept by pydantic."""
