"""The sending half of Celery."""
