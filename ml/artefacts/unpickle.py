"""The only module that unpickles, for forests of format 1. Nothing is pickled any more.

Unpickling runs code, so callers verify signature and digest first.
"""

import io
import zlib

from joblib.numpy_pickle import NumpyUnpickler
from sklearn.pipeline import Pipeline

# Modules that stored pipelines name, and where their classes are now. The names on the left never change.
MOVED = {
    "ml.forest": "ml.forest.forest",
    "ml.preprocessing": "ml.products.loan_prediction.preprocessing",
}


class _Unpickler(NumpyUnpickler):  # type: ignore[misc] # joblib is untyped
    """Finds classes whose module has moved since the pipeline was stored."""

    def find_class(self, module: str, name: str) -> object:
        return super().find_class(MOVED.get(module, module), name)


def load(content: bytes) -> Pipeline:
    """Restore a pipeline from bytes whose signature and digest the caller has verified."""
    plain = zlib.decompress(content) if content.startswith(b"\x78") else content
    return _Unpickler("", io.BytesIO(plain), ensure_native_byte_order=True).load()
