"""The cost of leaving protected columns out, measured beside the scorecard and never part of it."""
