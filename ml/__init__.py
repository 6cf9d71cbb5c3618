"""Train, store, load and run loan-approval models. A plain library: imports no web framework."""
