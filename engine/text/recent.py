"""The embeddings of the texts that were asked last, kept."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np

from mindseye.engine.vectors import FloatArray

SIZE = 4096  # texts: 6 MB of embeddings of 384 numbers


class Recent:
    """An encoder of few texts that remembers: who turns a page, or chooses a sense, does not wait for it again."""

    def __init__(self, encode: Callable[[Sequence[str]], FloatArray], size: int = SIZE) -> None:
        """Take what encodes texts as rows (n, d); size: the most texts that are remembered."""
        self._encode = encode
        self._size = size
        self._kept: OrderedDict[str, FloatArray] = OrderedDict()  # the last used last
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        """Return the rows (n, d) of one text or more, encoding together those that are not known, each once."""
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            known.update(zip(fresh, self._encode(fresh), strict=True))
        with self._lock:
            for text, row in known.items():
                self._kept[text] = row
                self._kept.move_to_end(text)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return np.stack([known[text] for text in texts])
