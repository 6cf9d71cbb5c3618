"""The name of a check of the gate, readable without importing pandas."""

ONE_TABLE = "compared on one table"  # says that the active version's table could not be used
