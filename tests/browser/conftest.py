"""One server and one Chromium for all tests of pages: a library of photographs, texts and a few words."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from mindseye.api.manifest import Manifest
from mindseye.api.mindseye import Mindseye
from mindseye.engine.space import JointSpace
from mindseye.engine.vocabulary import numbered_senses
from mindseye.indexer.texts.words import Word
from tests.pictures import painting

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WORDS = (
    "cat", "dog", "coffee", "rocket", "motorcycle", "astronaut", "temple", "flower", "coin", "horse", "ship", "tree",
    "bread", "music", "justice", "red",
)  # fmt: skip
TEXTS = {
    "cats": "# The cat\n\nA cat is a small animal with fur, whiskers and claws that people keep as a pet.\n",
    "rockets": "# Launch day\n\nThe rocket stood on its pad; at noon its engines were lit and it rose to the sky.\n",
    "bread": "# Baking\n\nFlour, water, yeast and salt make a dough, which is baked to bread in a hot oven.\n",
}
LABELLED = {"chelsea.png": "cat", "chelsea-small.jpg": "cat", "coffee.png": "coffee", "rocket.jpg": "rocket"}
# What the console says of answers that tests ask for: errors shown, pictures held back.
EXPECTED = re.compile(r"status of 4\d\d|Response Status Error Code 4\d\d|net::ERR_FAILED")
CRUMBS = 30  # pictures of colours alone, so that there is more than one page


class Site:
    """A running `mindseye serve`: its address, and a folder that it may index, with a broken picture in it."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder


@pytest.fixture(scope="session")
def site(
    pocket: JointSpace, cache: Path, demo_manifest: Manifest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("site")
    library, photos = root / "library", root / "photos"
    fill(library, photos, pocket, demo_manifest)
    command = [sys.executable, "-c", "from mindseye.api.cli import main; main()", "--library", str(library)]
    command += ["serve", "--port", "0", "--root", str(photos.parent)]
    environment = os.environ | {"MINDSEYE_CACHE": str(cache), "MINDSEYE_SPACE": "pocket"}
    with (root / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
    try:
        assert server.stdout
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found, (root / "log").read_text()
        yield Site(found[0], photos.parent)
    finally:
        server.terminate()
        server.communicate(timeout=30)


def fill(library: Path, photos: Path, space: JointSpace, manifest: Manifest) -> None:
    """Index the demo's photographs, some with labels, a near duplicate, paintings, texts and words."""
    photos.mkdir()
    for picture in manifest.pictures:
        (photos / picture.path.name).write_bytes(picture.path.read_bytes())
    with Image.open(photos / "chelsea.png") as cat:
        cat.convert("RGB").resize((300, 200)).save(photos / "chelsea-small.jpg", quality=70)
    crumbs, texts, new = (photos.parent / name for name in ("crumbs", "texts", "new"))
    for folder in (crumbs, texts, new):
        folder.mkdir()
    for number in range(CRUMBS):
        painting(number, 48).save(crumbs / f"painting-{number:02}.png")
    for name, text in TEXTS.items():
        (texts / f"{name}.md").write_text(text, encoding="utf-8")
    for number in range(3):
        painting(100 + number, 64).save(new / f"new-{number}.png")
    (new / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    embeddings = np.stack([query.semantic for query in space.word_queries([space.wording(word) for word in WORDS])])
    words = [Word(word, numbered_senses(space.lexicon, word), row) for word, row in zip(WORDS, embeddings, strict=True)]
    with Mindseye(library, space, "pytest") as eye:
        eye.index([crumbs], "paintings")
        eye.index([texts], "notes")
        eye.index([photos], "photographs")
        for name, word in LABELLED.items():
            eye.index([photos / name], "photographs", labels=[word])
        eye.library().index_words(words)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not here: scripts/install-system-packages installs it")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield opened
        opened.close()


class Visit:
    """What a browser met on its way: requests that left the origin, errors of scripts."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.strays: list[str] = []
        self.errors: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._asked(request.url))
        context.on("weberror", lambda told: self.errors.append(str(told.error)))
        context.on("console", lambda told: self.errors.append(told.text) if told.type == "error" else None)

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.site.address}/", "data:", "blob:")):
            self.strays.append(url)


@pytest.fixture
def context(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser window; a test's `@pytest.mark.parametrize` may give options as `options`."""
    options = request.node.callspec.params.get("options", {}) if hasattr(request.node, "callspec") else {}
    usual = {"viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce"}
    opened = browser.new_context(base_url=site.address, **(usual | options))
    opened.set_default_timeout(15_000)
    visit = Visit(site)
    visit.watch(opened)
    yield opened
    opened.close()
    assert not visit.strays, "a page asked another origin"
    told = [each for each in visit.errors if not EXPECTED.search(each)]
    assert not told, "a script failed"


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def shoot(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Page, str], None]:
    """Keep a screenshot: in the folder that MINDSEYE_SCREENSHOTS names, else with the test's other files."""
    folder = Path(os.environ.get("MINDSEYE_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def shot(page: Page, name: str) -> None:
        page.wait_for_load_state()
        try:
            page.screenshot(path=folder / f"{name}.png")
        except Error:  # the browser cannot take one while it goes from one page to the next
            page.wait_for_timeout(500)
            page.screenshot(path=folder / f"{name}.png")

    return shot
