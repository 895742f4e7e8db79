"""Texts that were encoded lately."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mindseye.engine.text.recent import Recent


def encoded(texts):
    return np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32)


def test_what_is_known_is_not_encoded_again_and_what_is_asked_twice_only_once():
    asked = []

    def encode(texts):
        asked.append(tuple(texts))
        return encoded(texts)

    recent = Recent(encode)
    np.testing.assert_array_equal(recent(["crane", "bat", "crane"]), encoded(["crane", "bat", "crane"]))
    np.testing.assert_array_equal(recent(["bat", "seal", "crane"]), encoded(["bat", "seal", "crane"]))
    assert asked == [("crane", "bat"), ("seal",)]


def test_the_longest_unused_are_forgotten():
    asked = []
    recent = Recent(lambda texts: asked.extend(texts) or encoded(texts), size=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        np.testing.assert_array_equal(recent([text]), encoded([text]))
    assert asked == ["a", "b", "c", "b"]
    np.testing.assert_array_equal(recent(["a", "b", "c", "d"]), encoded(["a", "b", "c", "d"]))


def test_threads_get_their_own_answers():
    recent = Recent(encoded, size=5)
    texts = [chr(97 + n % 20) * (1 + n % 7) for n in range(400)]
    with ThreadPoolExecutor(8) as pool:
        for text, row in zip(texts, pool.map(lambda text: recent([text, "z"]), texts), strict=True):
            np.testing.assert_array_equal(row, encoded([text, "z"]))
