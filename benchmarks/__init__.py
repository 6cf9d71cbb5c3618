"""Measure our server beside the article's, in one run: ``python -m benchmarks`` (see docs/performance.md)."""
