"""Index folders in a process of its own, slowly enough to be killed: LIBRARY SECONDS-A-BATCH FOLDER…"""

import sys
import time
from pathlib import Path

from mindseye.indexer.library import Library
from tests.tiny_space import TinySpace


class SlowSpace(TinySpace):
    def encode_images(self, images):
        time.sleep(float(sys.argv[2]))
        return super().encode_images(images)


with Library.open(Path(sys.argv[1]), SlowSpace()) as library:
    library.index([Path(folder) for folder in sys.argv[3:]])
