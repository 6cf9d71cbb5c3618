"""The one module that unpickles. Loading such a file runs code, so only signed bytes ever come here."""

import io
import zlib
from typing import Any

import joblib
from joblib.numpy_pickle import NumpyUnpickler

COMPRESSION = ("zlib", 3)
# Modules that stored pipelines name, and where their classes stand now. The names on the left never change.
MOVED = {
    "ml.forest": "ml.forest.forest",
    "ml.preprocessing": "ml.products.loan_prediction.preprocessing",
}


class _Unpickler(NumpyUnpickler):  # type: ignore[misc] # joblib is untyped
    """Finds classes whose module has moved since the pipeline was stored."""

    def find_class(self, module: str, name: str) -> Any:
        return super().find_class(MOVED.get(module, module), name)


def dump(pipeline: Any) -> bytes:
    """Return a fitted pipeline as compressed joblib bytes (compressed files carry a checksum)."""
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer, compress=COMPRESSION)
    return buffer.getvalue()


def load(content: bytes) -> Any:
    """Restore a pipeline from bytes whose signature and digest were verified by the caller."""
    plain = zlib.decompress(content) if content.startswith(b"\x78") else content
    return _Unpickler("", io.BytesIO(plain), ensure_native_byte_order=True).load()
