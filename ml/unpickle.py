"""The one module that unpickles. Loading such a file runs code, so only signed bytes ever come here."""

import io
from typing import Any

import joblib

COMPRESSION = ("zlib", 3)


def dump(pipeline: Any) -> bytes:
    """Return a fitted pipeline as compressed joblib bytes (compressed files carry a checksum)."""
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer, compress=COMPRESSION)
    return buffer.getvalue()


def load(content: bytes) -> Any:
    """Restore a pipeline from bytes whose signature and digest were verified by the caller."""
    return joblib.load(io.BytesIO(content))
