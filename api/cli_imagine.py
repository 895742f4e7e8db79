"""`mindseye imagine`: pictures of words, of mixtures of words, and of the way from one word to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image

from mindseye.api import formatting
from mindseye.api.answers import ImaginedPicture
from mindseye.api.mindseye import Mindseye
from mindseye.api.outputs import FILMS, check_output, write_film, write_sheet, write_whole
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, LIBRARY, SPACE, opened
from mindseye.engine.errors import UsageError
from mindseye.engine.mixture import Mixture, alone, on_the_way

_COLUMNS = 8  # of a grid, at most, where words or candidates do not say how many
_FRAME = 200  # milliseconds that a frame of a film is shown

Means = Annotated[str | None, typer.Option(help="What the word means, in place of the dictionary.")]
Sense = Annotated[int | None, typer.Option(help="Number of the dictionary sense meant.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Another seed imagines another picture.")]
Size = Annotated[int | None, typer.Option(help="Side of a picture in pixels, 32 to 512.")]
Method = Annotated[str | None, typer.Option(help="Way of imagining, by name; docs/imagining.md lists them.")]
_OUTPUT = "Write the picture, or the best candidate, here; of --towards the film (.gif, .webp) or a strip (.png)."


def imagine(
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help="Words, phrases, sentences or paragraphs.")],
    means: Means = None, sense: Sense = None, method: Method = None, size: Size = None, seed: Seed = 0,
    count: Annotated[int, typer.Option(min=1, max=64, help="Candidates of each word, best first.")] = 1,
    mix: Annotated[bool, typer.Option("--mix", help='Take each WORD for a mixture, like "2*zebra + car".')] = False,
    towards: Annotated[str | None, typer.Option(help="Go from the word to this one, in --frames pictures.")] = None,
    frames: Annotated[int, typer.Option(min=2, max=64, help="Pictures on the way of --towards.")] = 8,
    spaces: Annotated[str | None, typer.Option(help="Imagine in each of these spaces, joined by commas.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help=_OUTPUT)] = None,
    grid: Annotated[Path | None, typer.Option(help="Write all pictures here, labelled, side by side (PNG).")] = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Imagine pictures of words; the library may be empty."""
    wish = _Wish(words, means, sense, mix, towards, frames)
    names = [space] if spaces is None else _names(spaces)
    _check(wish, names, count, output)
    if space is not None and spaces is not None:
        raise UsageError("--space is one of --spaces", "name it among them")
    if output and grid and output.resolve() == grid.resolve():
        raise UsageError(f"-o and --grid would both write {output}", "give two files")
    check_output(output, {".png"} if towards is None else {".png", *FILMS})
    check_output(grid, {".png"})
    eyes = [opened(library, name) for name in names]
    by_space = []
    for eye, mixtures in [(eye, wish.mixtures(eye)) for eye in eyes]:  # all known, before the first picture is begun
        with eye, progress_bar("imagining", "steps") as tell:
            asked = list(product(mixtures, range(seed, seed + count)))
            wanted, seeds = [each for each, _ in asked], [each for _, each in asked]
            made = eye.imagine_mixtures(wanted, seeds, size=size, method=method, progress=tell)
            by_space.append(made if count == 1 else _best_first(eye, mixtures, made))
    pictures = _by_word(by_space, count)
    if output:
        _write(output, pictures[:1] if towards is None else pictures)
    if grid:
        _write_grid(grid, pictures, len(names), count)
    if len(pictures) == 1:
        formatting.show(pictures[0], as_json, formatting.imagined_lines)
    else:
        formatting.show(pictures, as_json, formatting.all_imagined_lines)


@dataclass(frozen=True)
class _Wish:
    """What of the words given is to be imagined."""

    words: Sequence[str]
    means: str | None
    sense: int | None
    mix: bool
    towards: str | None
    frames: int

    def mixtures(self, eye: Mindseye) -> list[Mixture]:
        if self.mix:
            return eye.mixtures(self.words)
        if len(self.words) > 1:
            return [alone(query) for query in eye.queries(self.words)]
        start = eye.query(self.words[0], self.means, self.sense)
        return [alone(start)] if self.towards is None else on_the_way(start, eye.query(self.towards), self.frames)


def _check(wish: _Wish, names: Sequence[str | None], count: int, output: Path | None) -> None:
    """Raise UsageError for options that do not go together."""
    several = len(wish.words) > 1
    if not names:
        raise UsageError("no space was named", "name them, as in --spaces pocket,glove")
    if (wish.means is not None or wish.sense is not None) and (wish.mix or several):
        raise UsageError("--means and --sense are of one word", "ask for it alone")
    if wish.towards is not None and (wish.mix or several or count * len(names) > 1):
        raise UsageError("--towards starts from one word, in one space, with one seed", "ask for one at a time")
    if output is not None and wish.towards is None and len(wish.words) * len(names) > 1:
        raise UsageError("-o writes one picture, and several were asked for", "write them with --grid FILE")


def _names(spaces: str) -> list[str]:
    """Return the names between commas, each once."""
    return list(dict.fromkeys(name for name in map(str.strip, spaces.split(",")) if name))


def _best_first(eye: Mindseye, mixtures: Sequence[Mixture], made: Sequence[ImaginedPicture]) -> list[ImaginedPicture]:
    """Return pictures, as many of each mixture, with the candidates of each ranked."""
    count = len(made) // len(mixtures)
    groups = [made[first : first + count] for first in range(0, len(made), count)]
    return [each for mixture, group in zip(mixtures, groups, strict=True) for each in eye.ranked(mixture, group)]


def _by_word(by_space: Sequence[Sequence[ImaginedPicture]], count: int) -> list[ImaginedPicture]:
    """Return each space's pictures, `count` of each word, joined so that those of a word stand together."""
    words = range(0, len(by_space[0]), count)
    return [picture for word in words for pictures in by_space for picture in pictures[word : word + count]]


def _write(path: Path, pictures: Sequence[ImaginedPicture]) -> None:
    """Write one picture as it is stored, several as a film or as a strip of it."""
    frames, ids = [_opened(each) for each in pictures], [each.stored.id for each in pictures]
    if len(pictures) == 1:
        write_whole(path, pictures[0].path.read_bytes())
    elif path.suffix.lower() in FILMS:
        write_film(path, frames, ids, _FRAME)
    else:
        from mindseye.api.sheets import strip  # imports matplotlib and scikit-image, which a search does without

        write_sheet(path, strip(frames), ids)


def _write_grid(path: Path, pictures: Sequence[ImaginedPicture], spaces: int, count: int) -> None:
    from mindseye.api.sheets import sheet

    of_a_word = spaces * count
    columns = of_a_word if 1 < of_a_word < len(pictures) else min(len(pictures), _COLUMNS)
    labels = [_label(each, spaces > 1, count > 1) for each in pictures]
    write_sheet(path, sheet(list(map(_opened, pictures)), labels, columns), [each.stored.id for each in pictures])


def _label(picture: ImaginedPicture, with_space: bool, with_seed: bool) -> str:
    record = picture.stored.record
    return " · ".join([record.query, *[picture.space] * with_space, *[f"seed {record.seed}"] * with_seed])


def _opened(picture: ImaginedPicture) -> Image.Image:
    with Image.open(picture.path) as image:
        return image.convert("RGB")
