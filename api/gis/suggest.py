"""Rules drawn up from what layers hold: words that the dictionary knows, for tags, values and names of layers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from mindseye.api.gis.osm_words import tag_words, word_of_name, words_of_key, words_of_tag
from mindseye.engine.text.lexicon import Lexicon
from mindseye.indexer.gis.conditions import written_column
from mindseye.indexer.gis.surveying import Attribute, Surveyed

_RARE = 1000  # a value of fewer than one in so many features gets no rule
_VALUES, _COLUMNS = 6, 12  # shown of each layer
_ALIKE = 0.8  # share of a column's features whose values are those of a key: it is that key by another name
_MEASURES: dict[str, dict[str, Any]] = {"polygons": {"min_cover": 0.01}, "lines": {"min_length": 20}, "points": {}}

Rule = dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """The rules drawn up for one layer."""

    layer: Surveyed
    rules: tuple[Rule, ...]


def draw_up(layer: Surveyed, lexicon: Lexicon) -> Draft:
    """Return rules for a layer: from its tags when it has any that give words, else from its name."""
    rules = [rule for attribute in layer.attributes for rule in _rules_of(attribute, layer, lexicon)]
    if not rules and layer.features and (word := word_of_name(layer.name.rpartition(":")[2], lexicon)):
        rules = [{"layer": layer.name, "word": word}]
    kind = max(layer.kinds, key=lambda kind: layer.kinds[kind], default="points")
    return Draft(layer, tuple({**rule, **_MEASURES[kind]} for rule in rules))


def _rules_of(attribute: Attribute, layer: Surveyed, lexicon: Lexicon) -> Iterator[Rule]:
    key = _key_of(attribute)
    if key is None:
        return
    if general := words_of_key(key):
        yield {"layer": layer.name, "where": _any(attribute), **_gives(general)}
    groups: dict[tuple[str, ...], list[str]] = {}
    for value, count in attribute.values.items():
        words = words_of_tag(key, value, lexicon)
        if words and words != general and count * _RARE >= layer.features:
            groups.setdefault(words, []).append(value)
    for words, values in groups.items():
        yield {"layer": layer.name, "where": _one_of(attribute, values), **_gives(words)}


def _key_of(attribute: Attribute) -> str | None:
    """Return the key of OpenStreetMap that a column is of, by its name or by its values."""
    if attribute.name.lower() in tag_words():
        return attribute.name.lower()
    total = sum(attribute.values.values())
    values = attribute.values.items()
    shares = {key: sum(n for value, n in values if table.get(value)) for key, table in tag_words().items()}
    key = max(shares, key=lambda key: shares[key])
    alike = len(attribute.values) > 1 and attribute.within is None and shares[key] >= _ALIKE * total
    return key if alike else None


def _any(attribute: Attribute) -> str:
    if attribute.within:
        return f"{attribute.within} LIKE '%\"{attribute.name}\"=>%'"
    return f"{written_column(attribute.name)} NOT IN ('', 'no')"


def _one_of(attribute: Attribute, values: Sequence[str]) -> str:
    if attribute.within:
        tags = (_text(f'%"{attribute.name}"=>"{value}"%') for value in values)
        return " OR ".join(f"{attribute.within} LIKE {tag}" for tag in tags)
    column, texts = written_column(attribute.name), [_text(value) for value in values]
    return f"{column} = {texts[0]}" if len(texts) == 1 else f"{column} IN ({', '.join(texts)})"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _gives(words: Sequence[str]) -> Rule:
    return {"word": words[0]} if len(words) == 1 else {"words": list(words)}


def written(drafts: Sequence[Draft], unreadable: Sequence[str]) -> str:
    """Return the rules as YAML that `mindseye gis label` reads, with what the layers hold as comments."""
    return "\n".join([*_head(unreadable), *_told_layers(drafts), *_labels(drafts), ""])


def _head(unreadable: Sequence[str]) -> Iterator[str]:
    yield "# Rules drawn up from layers: look them through, above all min_cover (share of a tile), min_length and"
    yield "# buffer (metres), then run: mindseye gis label RASTER --layers FILE... --rules THIS_FILE -o TILES"
    yield from (_comment(f"Not read: {reason}") for reason in unreadable)
    yield "tiles: {size: 256, unit: pixels}"


def _told_layers(drafts: Sequence[Draft]) -> Iterator[str]:
    swapped = [draft.layer.name for draft in drafts if draft.layer.swapped]
    if swapped:
        yield "layers: # their coordinates are degrees only with x and y exchanged"
        yield from (f"  {_flow(name)}: {{swap_axes: true}}" for name in swapped)
    for draft in drafts:
        if draft.layer.crs is None and draft.layer.features:
            yield _comment(f"Layer {draft.layer.name} does not say its CRS. Write, with the right code:")
            yield _comment(f"layers: {{{_flow(draft.layer.name)}: {{crs: EPSG:4326}}}}")


def _labels(drafts: Sequence[Draft]) -> Iterator[str]:
    yield "labels:" if any(draft.rules for draft in drafts) else "# No word is known for any layer. labels:"
    for draft in drafts:
        yield from (f"  {_comment(line)}" for line in layer_lines(draft.layer))
        for rule in draft.rules:
            yield from (f"  {' ' if n else '-'} {key}: {_flow(rule[key])}" for n, key in enumerate(rule))
        if not draft.rules and draft.layer.features:
            yield f"  {_comment('No word is known for it: - ' + _flow({'layer': draft.layer.name, 'word': 'WORD'}))}"


def layer_lines(layer: Surveyed) -> Iterator[str]:
    """Yield what a layer holds, for people."""
    kinds = ", ".join(f"{n:,} {kind if n > 1 else kind[:-1]}" for kind, n in layer.kinds.items()) or "no geometries"
    damaged = f", {layer.without:,} without a geometry that can be read" if layer.without else ""
    yield f"{layer.name} ({layer.file}): {kinds}{damaged}, {layer.crs or 'CRS unknown'}"
    told = [attribute for attribute in layer.attributes if attribute.values]
    for attribute in told[:_COLUMNS]:
        yield f"    {attribute.name}: {_shown(attribute)}"
    if len(told) > _COLUMNS:
        yield f"    and {len(told) - _COLUMNS} more columns: {', '.join(a.name for a in told[_COLUMNS:])}"


def _shown(attribute: Attribute) -> str:
    values = list(attribute.values.items())
    if len(values) > _VALUES and values[0][1] == 1:
        return f"{len(values):,} different values"
    more = f" and {len(values) - _VALUES:,} more" if len(values) > _VALUES else ""
    return ", ".join(f"{value[:40]} {count:,}" for value, count in values[:_VALUES]) + more


def _comment(line: str) -> str:
    return "# " + " ".join(line.splitlines()) if line[:1] != " " else "#" + " ".join(line.splitlines())


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=math.inf, sort_keys=False, allow_unicode=True)
    return text.removesuffix("...\n").strip()
