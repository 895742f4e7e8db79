"""What the address of a search page asks: what for, among what, in which order, and which page of it."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from mindseye.api.modalities import read_modalities
from mindseye.api.service.parameters import LAST, Filters
from mindseye.engine.duplicates import NEAR
from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import Filter, Origin

Sort = Literal["likeness", "newest", "oldest", "name"]
FILTERS = (
    "collection",
    "label",
    "since",
    "until",
    "path",
    "size",
    "pixels",
    "near",
    "box",
    "twins",
)  # what "clear" clears
_ADDRESSED = {"kinds": "in"}  # fields that addresses call otherwise


class Asked(BaseModel):
    """A question in the words of an address, so that a link to it can be kept and sent.

    q: a text; like: an item's id; picture: an uploaded picture's id; one of the three. means, sense: of a word; kinds:
    modalities by their plural names, all when none is; since, until: days; near, radius, box: where on Earth; twins:
    whether near duplicates are shown apart; imagine: when to imagine. An empty value is none: forms send those of
    fields left empty.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    q: str = ""
    like: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""
    picture: str = ""
    means: str = ""
    sense: int | None = None
    kinds: Annotated[tuple[str, ...], Field(validation_alias=AliasChoices("in", "kinds"))] = ()
    collection: str = ""
    label: str = ""
    since: str = ""
    until: str = ""
    path: str = ""
    size: str = ""
    pixels: str = ""
    near: str = ""
    radius: str = ""
    box: str = ""
    origin: Origin = "found"
    twins: bool = False
    sort: Sort = "likeness"
    imagine: Literal["auto", "never"] = "auto"
    offset: Annotated[int, Field(ge=0, le=LAST)] = 0

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any, info: Any) -> Any:
        return cls.model_fields[info.field_name].default if value == "" else value

    @property
    def is_question(self) -> bool:
        """Whether anything is asked."""
        return bool(self.q.strip() or self.like or self.picture)

    @property
    def modalities(self) -> tuple[str, ...] | None:
        """The modalities to look among, None for all. Raises UsageError for an unknown one."""
        return read_modalities(",".join(self.kinds)) if self.kinds else None

    @property
    def only(self) -> str | None:
        """The one modality that is looked among, if it is one."""
        chosen = self.modalities
        return chosen[0] if chosen and len(chosen) == 1 else None

    @property
    def within(self) -> Filter:
        """What to look among, within the bounds that the service has. Raises UsageError for what is none of it."""
        named = ("collection", "path", "size", "pixels", "box", "near", *(("radius",) if self.near else ()))
        given: dict[str, Any] = {name: value for name in named if (value := getattr(self, name))}
        given |= {"label": list(filter(None, [self.label])), "origin": self.origin}
        if self.since or self.until:
            given["date"] = f"{self.since}..{self.until}"
        try:
            return Filters.model_validate(given).within
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(f"{first['loc'][0]}: {first['msg']}", "mend the filter, or clear it") from error

    @property
    def fold(self) -> float | None:
        """The likeness from which near duplicates are one hit, None to show them all."""
        return None if self.twins else NEAR

    @property
    def filters(self) -> dict[str, Any]:
        """The filters that are in force, by field."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}

    def address(self, path: str = "/", **changes: Any) -> str:
        """Return the address that asks this with some fields changed; a changed question begins at its first page."""
        fresh = {"offset": 0} if "offset" not in changes else {}
        asked = self.model_copy(update=fresh | changes)
        told = [(_ADDRESSED.get(name, name), value) for name, value in asked.given().items()]
        return f"{path}?{urlencode(told, doseq=True)}" if told else path

    def given(self) -> dict[str, Any]:
        """Return the fields that say something, as addresses write them."""
        fields = type(self).model_fields
        told = {name: getattr(self, name) for name in fields if getattr(self, name) != fields[name].default}
        return {name: ("on" if value is True else value) for name, value in told.items()}
