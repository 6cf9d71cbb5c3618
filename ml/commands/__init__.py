"""Commands of ``python -m ml``."""
