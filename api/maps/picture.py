"""A map as a picture: dots in the colours of their kinds, pictures and words where there is room."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mindseye.api.maps.chart import KINDS, Chart, title_of
from mindseye.api.maps.sprites import Thumbnail, small
from mindseye.api.modalities import PLURAL

SIDE = 2400  # px of the picture
_THUMBNAIL = 62  # px of a picture on it
_MARGIN = 70
_FONT, _LONGEST = 9.5, 28  # points; letters of a name
_MOST_NAMES = 4_000  # that are tried
_COLOURS = ("#c4561b", "#3c7d80", "#8a8f2f", "#2f5fa8", "#6b3fa8")  # of KINDS, as on the page
_PAPER, _INK, _LINE = "#faf9f7", "#1d1b19", "#8f8982"
_DPI = 100


def draw_map(chart: Chart, thumbnail: Thumbnail, title: str, names_first: bool = False) -> Image.Image:
    """Return the map as a picture.

    thumbnail: gives the file of a point's thumbnail, None where it has none; names_first: whether pictures leave room
    for names, not names for pictures: a few words among many pictures would hardly be seen.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIDE / _DPI, SIDE / _DPI), dpi=_DPI, facecolor=_PAPER)
    canvas: Any = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, SIDE), ylim=(0, SIDE))
    axes.set_axis_off()
    where = _on_paper(chart)
    _dots(axes, chart, where)
    taken = _Taken()
    if names_first:
        _names(axes, chart, where, canvas.get_renderer(), taken)
    _pictures(axes, chart, where, thumbnail, taken)
    if not names_first:
        _names(axes, chart, where, canvas.get_renderer(), taken)
    _legend(axes, chart, title)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


class _Taken:
    """Boxes (left, bottom, right, top) of what is drawn, none over another."""

    def __init__(self) -> None:
        self._boxes = np.empty((0, 4))

    def take(self, box: tuple[float, float, float, float]) -> bool:
        """Take a box if it is free, and return whether it was."""
        left, bottom, right, top = self._boxes.T
        if ((box[0] < right) & (box[2] > left) & (box[1] < top) & (box[3] > bottom)).any():
            return False
        self._boxes = np.vstack([self._boxes, box])
        return True


def _on_paper(chart: Chart) -> NDArray[np.float64]:
    """Return where each point lies, in px from the lower left corner."""
    places = chart.places.astype(float)
    if not len(places):
        return places
    low, high = places.min(axis=0), places.max(axis=0)
    scale = (SIDE - 2 * _MARGIN) / max(float((high - low).max()), 1e-9)
    return np.asarray(SIDE / 2 + (places - (low + high) / 2) * scale)


def _dots(axes: Any, chart: Chart, where: NDArray[np.float64]) -> None:
    size = float(np.clip(80_000 / max(len(where), 1), 8, 60))
    for number, colour in enumerate(_COLOURS):
        mine = chart.kinds == number
        axes.scatter(*where[mine].T, s=size, color=colour, linewidths=0, alpha=0.75)


def _pictures(axes: Any, chart: Chart, where: NDArray[np.float64], thumbnail: Thumbnail, taken: _Taken) -> None:
    from matplotlib.patches import Rectangle

    half, imagined = _THUMBNAIL / 2, KINDS.index("imagined")
    for position in chart.pictures.tolist():
        x, y = where[position]
        if not taken.take((x - half - 1, y - half - 1, x + half + 1, y + half + 1)):
            continue
        if (file := thumbnail(chart.points[position])) is None:
            continue
        picture = np.asarray(small(file, _THUMBNAIL))
        axes.imshow(picture, extent=(x - half, x + half, y - half, y + half), zorder=2, interpolation="nearest")
        dreamt = chart.kinds[position] == imagined
        look = {"edgecolor": _COLOURS[imagined], "linestyle": "--", "linewidth": 2} if dreamt else {"edgecolor": _LINE}
        axes.add_patch(Rectangle((x - half, y - half), _THUMBNAIL, _THUMBNAIL, fill=False, zorder=3, **look))
    axes.set(xlim=(0, SIDE), ylim=(0, SIDE), aspect="auto")


def _names(axes: Any, chart: Chart, where: NDArray[np.float64], renderer: Any, taken: _Taken) -> None:
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=3, foreground=_PAPER)]
    for position, name, (width, height) in _measured(chart, renderer):
        x, y = where[position]
        if taken.take((x - width / 2 - 8, y - height / 2 - 3, x + width / 2 + 8, y + height / 2 + 3)):
            kind = int(chart.kinds[position])
            colour = _INK if KINDS[kind] == "word" else _COLOURS[kind]
            about = {"ha": "center", "va": "center", "fontsize": _FONT, "color": colour, "path_effects": halo}
            axes.text(x, y, name, zorder=4, parse_math=False, **about)


def _measured(chart: Chart, renderer: Any) -> Iterator[tuple[int, str, tuple[float, float]]]:
    """Yield names in the order in which they come into view, with their width and height in px."""
    from matplotlib.font_manager import FontProperties

    font = FontProperties(size=_FONT)
    for position in chart.texts[:_MOST_NAMES].tolist():
        title = " ".join(title_of(chart.points[position]).split())
        name = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1].rstrip()}…"
        width, height, _ = renderer.get_text_width_height_descent(name, font, ismath=False)
        yield position, name, (width, height)


def _legend(axes: Any, chart: Chart, title: str) -> None:
    from matplotlib.lines import Line2D

    counts = [int((chart.kinds == number).sum()) for number in range(len(KINDS))]
    names = [{**PLURAL, "image": "pictures", "imagined": "imagined pictures"}[kind] for kind in KINDS]
    entries = [
        Line2D([], [], marker="o", linestyle="", color=colour, markersize=9, label=f"{name}  {count:,}")
        for colour, name, count in zip(_COLOURS, names, counts, strict=True)
        if count
    ]
    about = {"loc": "lower left", "fontsize": 14, "title_fontsize": 16, "frameon": True, "facecolor": _PAPER}
    legend = axes.legend(handles=entries, title=title, edgecolor=_LINE, borderpad=1, **about)
    legend.set_zorder(5)
