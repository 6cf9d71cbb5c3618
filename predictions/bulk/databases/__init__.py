"""Databases of others: applications come from a query there, results go into a new table there."""
