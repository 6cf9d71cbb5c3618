"""SQLite as this site uses it: its writers wait within the limits of `predictions.database_waits`."""
