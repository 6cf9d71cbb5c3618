"""The small language of formulas: model columns, conditions of remarks, baselines."""
