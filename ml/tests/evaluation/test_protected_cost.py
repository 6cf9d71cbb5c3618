"""What leaving the protected columns out costs, measured beside the scorecard and never in it."""
