"""Peak resident memory of reading folders, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

MEGABYTE = 1 << 20
READ = """
import re, sys
from pathlib import Path
from mindseye.indexer.reading import read_ahead
from mindseye.indexer.sources import find_sources

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

before = peak()
kept = list(read_ahead(find_sources([Path(sys.argv[1])]).files))
sizes = [(each.picture.width, each.picture.height) for each in kept]
print(peak() - before, len(kept), *sizes[0], max(each.picture.image.width * each.picture.image.height for each in kept))
"""


def read_all(folder: Path) -> tuple[int, ...]:
    """Read a folder; return by how many bytes memory rose, files, width, height and pixels kept of the largest."""
    done = subprocess.run([sys.executable, "-c", READ, folder], capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    return tuple(int(each) for each in done.stdout.split())


def copies(folder: Path, image: Image.Image, number: int, **options: object) -> Path:
    folder.mkdir()
    image.save(folder / "000.png", **options)
    for each in range(1, number):
        os.link(folder / "000.png", folder / f"{each:03}.png")
    return folder


@pytest.mark.slow
def test_thin_pictures_do_not_pile_up(tmp_path):
    """Eight pictures of 83 MB each when decoded: all of them wait at the same time."""
    rose, number, width, height, kept = read_all(copies(tmp_path / "thin", Image.new("RGB", (520, 40_000)), 8))
    assert (number, width, height) == (8, 520, 40_000)
    assert kept <= 4_330_000
    assert rose < 400 * MEGABYTE  # two of them and eight small ones: 300


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["RGBA", "I;16"])
def test_large_pictures_are_decoded_one_by_one(tmp_path, mode):
    """Three pictures of 35 million pixels, which two threads would decode and copy in several modes at once."""
    rose, number, *size, _ = read_all(copies(tmp_path / "large", Image.new(mode, (7000, 5000)), 3, compress_level=1))
    assert (number, size) == (3, [7000, 5000])
    assert rose < {"RGBA": 230, "I;16": 135}[mode] * MEGABYTE  # one: 155 and 85


@pytest.mark.slow
def test_large_files_are_held_one_by_one(tmp_path):
    (tmp_path / "zeros").mkdir()
    for each in range(3):
        with (tmp_path / "zeros" / f"{each}.bmp").open("wb") as file:
            Image.new("L", (9000, 9000)).save(file, "BMP")
    rose, *_ = read_all(tmp_path / "zeros")
    assert rose < 260 * MEGABYTE  # one file and its picture: 160
