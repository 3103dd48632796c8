"""Work in the background, ours beside PgQueuer, Procrastinate and Celery: a write, and a job that does nothing."""
