"""Other databases: applications are read with a query, results are written into a new table."""
