"""The rules that say which words a tile has: one YAML file, read strictly."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pyproj import CRS
from pyproj.exceptions import CRSError

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.placing import lies_on_earth
from mindseye.indexer.labels import normalised

Share = Annotated[float, Field(ge=0, le=1)]
Metres = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_MOST = 10  # complaints that are told
_FARTHEST = 1_000_000.0  # metres: beyond, no map is true to lengths, and a step to the east has no meaning
Step = Annotated[float, Field(ge=-_FARTHEST, le=_FARTHEST, allow_inf_nan=False)]
_ISO_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


def _known_crs(told: Any) -> str:
    try:
        crs = CRS.from_user_input(told)
    except CRSError as error:
        raise ValueError("no coordinate reference system; write a code like EPSG:32733, or WKT") from error
    if not lies_on_earth(crs):
        raise ValueError(f"{crs.name!r} does not say where on Earth places are; write a code like EPSG:32733, or WKT")
    return crs.to_string()


def _iso_date(told: Any) -> str:
    text = told.isoformat()[:10] if isinstance(told, date) else str(told)
    if not _ISO_DATE.fullmatch(text):
        raise ValueError("a date is written like 2010-11-24, 2010-11 or 2010")
    date.fromisoformat((text + "-01-01")[:10] if len(text) == 4 else (text + "-01")[:10])
    return text


def _not_blank(told: str) -> str:
    if not (word := normalised(told)):
        raise ValueError("a word is not blank")
    return word


Word = Annotated[str, AfterValidator(_not_blank)]


class _Loader(yaml.SafeLoader):
    """YAML in which a key is there once: of two, the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping. Raises MarkedYAMLError for a key that is there twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen and isinstance(key, yaml.ScalarNode):
                told = f"the key {key.value} is there twice"
                raise yaml.MarkedYAMLError(problem=told, problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TileRules(_Strict):
    """How a raster is cut. overlap: of neighbours, in the unit of size; max_nodata: share that may hold no data."""

    size: float = Field(default=256.0, gt=0, allow_inf_nan=False)
    unit: Literal["pixels", "metres"] = "pixels"
    overlap: float = Field(default=0.0, ge=0)
    align: Literal["raster", "grid"] = "raster"
    max_nodata: Share = 0.5

    @model_validator(mode="after")
    def _steps_forward(self) -> Self:
        if self.overlap >= self.size:
            raise ValueError(f"an overlap of {self.overlap:g} must be less than the size, {self.size:g}")
        if self.unit == "pixels" and not (self.size.is_integer() and self.overlap.is_integer()):
            raise ValueError("size and overlap in pixels are whole numbers")
        return self


class RenderRules(_Strict):
    """How a raster is shown: the numbers, from 1, of one band or three, and the percentiles that become 0 and 255."""

    bands: list[Annotated[int, Field(ge=1)]] | None = None
    stretch: tuple[Annotated[float, Field(ge=0, le=100)], Annotated[float, Field(ge=0, le=100)]] | None = None

    @model_validator(mode="after")
    def _can_be_shown(self) -> Self:
        if self.bands is not None and len(self.bands) not in (1, 3):
            raise ValueError("name one band or three")
        if self.stretch is not None and self.stretch[0] >= self.stretch[1]:
            raise ValueError("the first percentile of stretch is less than the second")
        return self


class OffsetRules(_Strict):
    """How far the layers must be moved to fit the imagery."""

    east: Step = 0
    north: Step = 0
    unit: Literal["metres", "pixels"] = "metres"


class LayerRules(_Strict):
    """What is said of a layer that cannot say it itself, or says it wrongly."""

    crs: Annotated[str, BeforeValidator(_known_crs)] | None = None
    swap_axes: bool = False


class LabelRule(_Strict):
    """One way to words: a tile has them when enough of the layer's geometries lies in it.

    where: a condition on the layer's columns, in SQLite's language; min_cover: share of the tile's valid area;
    min_length: of lines, in metres on the ground; buffer: how far, in metres, the geometries are widened; negative: a
    tile that matches never has the words, whatever else gives them.
    """

    layer: str
    where: str | None = None
    word: Word | None = None
    words: list[Word] | None = None
    min_cover: Share = 0
    min_length: Metres = 0
    buffer: Annotated[Metres, Field(le=_FARTHEST)] = 0
    negative: bool = False

    @model_validator(mode="after")
    def _gives_words(self) -> Self:
        if (self.word is None) == (not self.words):
            raise ValueError("give either word or words")
        return self

    @property
    def gives(self) -> tuple[str, ...]:
        """The words, each once, as labels are stored."""
        return tuple(dict.fromkeys(self.words or [str(self.word)]))


class BackgroundRules(_Strict):
    """How many tiles without a label are kept: their share of all kept tiles, and the word that they get, if any."""

    share: Annotated[float, Field(ge=0, lt=1)]
    word: Word | None = None
    seed: int = Field(default=0, ge=0)


class Rules(_Strict):
    """All that a rules file says; without `background` every tile is kept."""

    tiles: TileRules = TileRules()
    render: RenderRules = RenderRules()
    date: Annotated[str, BeforeValidator(_iso_date)] | None = None
    offset: OffsetRules = OffsetRules()
    layers: Mapping[str, LayerRules] = {}
    labels: list[LabelRule] = Field(min_length=1)
    background: BackgroundRules | None = None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the rules of a YAML file. Raises UsageError naming the file, the key and what it may be."""
        try:
            told = yaml.load(path.read_text(encoding="utf-8"), _Loader)
        except (OSError, ValueError, yaml.YAMLError) as error:  # ValueError: no UTF-8, or 2010-13-01
            raise UsageError(f"{path} cannot be read as YAML: {error}", "`mindseye gis suggest` writes one") from error
        if not isinstance(told, dict):
            raise UsageError(f"{path} holds no rules", "`mindseye gis suggest` writes a file to begin with")
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            told = list(_complaints(path, error))
            more = [f"and {len(told) - _MOST:,} more"] if len(told) > _MOST else []
            raise UsageError("; ".join(told[:_MOST] + more)) from error


def _complaints(path: Path, error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False):
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in one["loc"]).lstrip(".")
        said = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            said = f"no such key; allowed here: {', '.join(_model_at(one['loc'][:-1]).model_fields)}"
        elif one["type"] == "model_type":
            said = f"keys and values are written here, of {', '.join(_model_at(one['loc']).model_fields)}"
        yield f"{path}: {place or 'rules'}: {said}" + _given(one)


def _given(one: Mapping[str, Any]) -> str:
    plain = isinstance(one["input"], str | int | float | None) and one["type"] not in ("extra_forbidden", "missing")
    return f" (it says {one['input']!r})" if plain else ""


def _model_at(keys: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model that a path of keys leads to: names of fields, of layers, and numbers of rules."""
    model: type[BaseModel] = Rules
    for key in keys:
        field = model.model_fields.get(str(key))
        inner = [] if field is None else [field.annotation, *_arguments(field.annotation)]
        model = next((m for m in inner if isinstance(m, type) and issubclass(m, BaseModel)), model)
    return model


def _arguments(annotation: Any) -> Iterator[Any]:
    for argument in get_args(annotation):
        yield argument
        yield from _arguments(argument)
