"""Stored features as array files: ids and vectors side by side, plain numbers that any numpy reads."""

import io
import zipfile
import zlib
from collections.abc import Sequence

import numpy as np

from mindseye.indexer.embeddings import STORED

CHUNK = 4096  # vectors in one file


def packed(ids: Sequence[int], blobs: Sequence[bytes], checksums: Sequence[int]) -> bytes:
    """Return an npz of `ids` (n,) int64 and `vectors` (n, width) float16.

    blobs: n vectors of one width, as stored; checksums: their CRC-32. Raises ValueError for a vector that is damaged.
    """
    vectors = np.frombuffer(b"".join(blobs), STORED).reshape(len(blobs), -1)
    finite = np.logical_and.reduce(np.isfinite(vectors), axis=1)
    for number, blob, checksum, sound in zip(ids, blobs, checksums, finite, strict=True):
        if zlib.crc32(blob) != checksum or not sound:
            raise ValueError(f"vector {number} is damaged")
    file = io.BytesIO()
    np.savez(file, ids=np.array(ids, "<i8"), vectors=vectors)
    return file.getvalue()


def unpacked(data: bytes, width: int) -> tuple[list[int], list[bytes]]:
    """Return the ids in an array file and their vectors as stored.

    Raises ValueError when it is no such file, of another width, or holds numbers that are not finite.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as inner:
            if any(info.compress_type or info.file_size > len(data) for info in inner.infolist()):
                raise ValueError("arrays are compressed")  # they could be of any size
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            ids, vectors = arrays["ids"], arrays["vectors"]
    # NotImplementedError is zipfile's, for encryption and such; the others come of bytes that are no arrays.
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, MemoryError, OverflowError, NotImplementedError) as error:
        raise ValueError(f"no arrays of ids and vectors: {error}") from error
    if ids.dtype != np.dtype("<i8") or ids.ndim != 1 or vectors.dtype != STORED:
        raise ValueError("arrays of another kind")
    if vectors.shape != (len(ids), width):
        raise ValueError(f"vectors of shape {vectors.shape}, expected ({len(ids)}, {width})")
    if not np.isfinite(vectors).all():
        raise ValueError("numbers that are not finite")
    return ids.tolist(), [vector.tobytes() for vector in vectors]
