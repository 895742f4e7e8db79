"""`mindseye demo`: real photographs indexed, searched and, where none shows the word, imagined, on one page."""

import base64
import io
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import Environment, PackageLoader
from PIL import Image

from mindseye.api.answers import Answer
from mindseye.api.manifest import Manifest, ManifestPicture, read_manifest
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import UsageError
from mindseye.engine.mixture import alone
from mindseye.engine.vision.pictures import read_picture

_SIDE = 320  # pixels of a picture on the page


@dataclass(frozen=True)
class Shown:
    """One word on the page: the answer, the picture that answers it (data URI), and where that came from."""

    word: str
    expected: bool
    answer: Answer
    picture: str
    provenance: list[str]
    credit: ManifestPicture | None

    @property
    def right(self) -> bool:
        """True when the decision is the manifest's, and a found picture is the word's own."""
        found = self.credit is not None and self.credit.word == self.word
        return found if self.expected else not self.answer.decision.matched


def run_demo(page: Path, cache: Path) -> Path:
    """Write the page and return its path. Raises UsageError when it cannot be written there."""
    _check(page)
    manifest = read_manifest("demo")
    with TemporaryDirectory(prefix="mindseye-demo-") as folder:
        with progress_bar("fitting the pocket space (once)", "texts") as tell:
            eye = Mindseye.open(Path(folder), cache, tell, "mindseye demo")
        with eye:
            shown = show_words(eye, manifest)
    try:
        page.write_text(render(manifest, shown), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {page} ({error.strerror})", "choose another place with --output") from error
    return page


def show_words(eye: Mindseye, manifest: Manifest) -> list[Shown]:
    """Index the manifest's pictures, search its words, and imagine together those that no picture shows."""
    with progress_bar("indexing", "pictures") as tell:
        eye.index([picture.path for picture in manifest.pictures], manifest.name, tell)
    words = [(word, True) for word in manifest.shown] + [(word, False) for word in manifest.unseen]
    answers = {word: eye.search(word, 3) for word, _ in words}
    missing = [word for word, answer in answers.items() if not answer.decision.matched]
    with progress_bar("imagining", "steps") as tell:
        eye.imagine_mixtures(list(map(alone, eye.queries(missing))), [0] * len(missing), progress=tell)
    # Asked again, each is answered with the picture just stored.
    return [_shown(eye, manifest, word, expected, eye.search(word, 3, imagine="auto")) for word, expected in words]


def render(manifest: Manifest, shown: list[Shown]) -> str:
    """Return the page: one file, nothing loaded from elsewhere."""
    environment = Environment(loader=PackageLoader("mindseye.api", "web/templates"), autoescape=True)
    gallery = [(picture, data_uri(picture.path)) for picture in manifest.pictures]
    return environment.get_template("demo.html.j2").render(
        shown=shown, gallery=gallery, right=sum(each.right for each in shown)
    )


def data_uri(path: Path) -> str:
    """Return a picture file as a small data URI, so that the page needs no other file."""
    image = read_picture(path.read_bytes(), str(path)).image
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _shown(eye: Mindseye, manifest: Manifest, word: str, expected: bool, answer: Answer) -> Shown:
    if answer.imagined:
        path, chain = answer.imagined.path, eye.explain(str(answer.imagined.stored.item_id))
        return Shown(word, expected, answer, data_uri(path), chain.lines(), None)
    best = answer.hits[0]
    credit = next(p for p in manifest.pictures if p.path.resolve() == best.path)
    return Shown(word, expected, answer, data_uri(best.path), eye.explain(str(best.item_id)).lines(), credit)


def _check(page: Path) -> None:
    if not os.access(page.resolve().parent, os.W_OK):
        raise UsageError(f"no page can be written in {page.resolve().parent}", "make the folder, or choose another")
    if page.is_dir():
        raise UsageError(f"{page} is a folder", "name a file, such as demo.html")
