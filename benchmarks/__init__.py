"""Ours beside the article's way, in one run: ``python -m benchmarks`` (see docs/performance.md)."""
