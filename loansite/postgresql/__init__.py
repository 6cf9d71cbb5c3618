"""PostgreSQL as a web process uses it: within the limits of `predictions.database_waits`."""
