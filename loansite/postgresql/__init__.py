"""PostgreSQL with the time limits of a web process (see `predictions.services.writing.database_waits`)."""
