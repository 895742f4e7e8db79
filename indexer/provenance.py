"""Where a picture came from, as a chain that a person can read, and as JSON."""

import textwrap
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from mindseye.indexer import embeddings, imagined, items, runs
from mindseye.indexer.gis.telling import TileFacts, facts_of
from mindseye.indexer.meta import fact
from mindseye.indexer.records import Imagined, Item, Run

LABEL = 12  # width of the first column, in characters
SHOWN = 300  # characters of a text


@dataclass(frozen=True)
class Provenance:
    """What is known of one item.

    run: the one that imagined it or else last changed it; document: what a paragraph stands in; also: other places of
    the same bytes; encoder,
    mapping: fingerprints of what its vector is made by, None when it has none; imagined: how it was imagined,
    None for a found picture and for one that another library imagined; concreteness: of what it was imagined for, 0
    (an idea) to 1 (a thing), None when nobody rated it: told by who knows words; tile: where it lies, what made it.
    """

    item: Item
    run: Run
    document: Item | None = None
    also: tuple[str, ...] = ()
    encoder: str | None = None
    mapping: str | None = None
    imagined: Imagined | None = None
    concreteness: float | None = None
    tile: TileFacts | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the chain as JSON values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the chain for people, one fact a line."""
        tile = self.tile.lines() if self.tile else ()
        facts = [*self._file_facts(), *tile, *self._imagined_facts(), *self._run_facts()]
        return [f"{label:<{LABEL}}{value}" for label, value in facts]

    def _file_facts(self) -> list[tuple[str, str]]:
        item = self.item
        pixels = f", {item.width} × {item.height} px" if item.width else ""
        size = f"{item.size:,} bytes, {item.media_type}{pixels}"
        changed = datetime.fromtimestamp(item.modified / 1e9, UTC).isoformat(timespec="seconds")
        dated = f"{size}, file changed {changed}" if item.modified else size  # a word is in no file
        facts = [
            ("item", f"{item.id}, {item.modality}, {item.origin}, {item.state}, in collection {item.collection}"),
            *self._text_facts(),
            ("file" if item.modified else "word", items.named(item.uri, item.place)),
            *(("also", uri) for uri in self.also),
            ("content", f"SHA-256 {item.sha256}"),
            ("", dated),
            *([("taken", item.taken.replace("T", " "))] if item.taken else []),
            *([("labels", ", ".join(item.labels))] if item.labels else []),
            ("indexed", f"first {item.created}, last changed {item.updated}"),
        ]
        if self.encoder:
            facts.append(("vector", f"encoder {self.encoder}, mapping {self.mapping}"))
        return facts

    def _text_facts(self) -> list[tuple[str, str]]:
        item, facts = self.item, []
        if item.title:
            facts.append(("title", item.title))
        if item.text:
            facts.append(("text", textwrap.shorten(item.text, SHOWN, placeholder=" …")))
        if self.document:
            whole = self.document
            facts.append(("document", f"{whole.id}, {whole.title or items.named(whole.uri, whole.place)}"))
        return facts

    def _imagined_facts(self) -> list[tuple[str, str]]:
        if self.imagined is None:
            elsewhere = self.item.origin == "imagined"
            return [("imagined", "elsewhere: how is not known here")] if elsewhere else []
        record = self.imagined.record
        sense = f", sense {record.sense}" if record.sense else ""
        meaning = f": {record.definition}" if record.definition else ""
        parameters = "".join(f", {name} {value}" for name, value in sorted(record.parameters.items()))
        seeds = [f"similarity {each.score:.3f}, item {each.item_id}, {each.uri}" for each in record.recalled]
        return [
            ("imagined", f"for “{record.query}”{sense}{meaning}; provenance id {self.imagined.id}"),
            *(
                []
                if self.concreteness is None
                else [("", f"concreteness {self.concreteness:.2f}, 0 an idea, 1 a thing")]
            ),
            ("target", f"{record.target_hash}, mapping {self.imagined.mapping}"),
            ("method", f"{record.method}, seed {record.seed}{parameters}"),
            *(("seeded by", seed) for seed in seeds),
            ("reached", f"similarity {record.similarity:.3f}, by encoder {self.imagined.encoder}"),
        ]

    def _run_facts(self) -> list[tuple[str, str]]:
        run = self.run
        counts = ", ".join(f"{value} {name}" for name, value in run.counts.items() if value)
        settings = ", ".join(f"{name} {value}" for name, value in run.settings.items())
        versions = ", ".join(f"{name} {value}" for name, value in run.versions.items())
        return [
            (f"run {run.id}", f"{run.command or run.kind}: {run.started} to {run.ended or 'not ended'}"),
            *(("", fact) for fact in (settings, counts) if fact),
            ("", f"{run.machine}; {versions}"),
        ]


def explain(session: Session, ref: str) -> Provenance:
    """Return the chain of the item that `ref` names; raises as `items.find` does."""
    item = items.one(session, ref)
    how = imagined.by_content(session, item.content_id) if item.origin == "imagined" else None
    encoder = fact(session, "encoder" if item.modality == "image" else "text_encoder")
    mapping = fact(session, "mapping")
    embedded = len(embeddings.ids_of(session, item.content_id, encoder)) > 0
    return Provenance(
        item=item,
        run=runs.get(session, how.run_id if how else item.run_id),
        document=None if item.parent_id is None else items.get(session, item.parent_id),
        also=items.copies(session, item),
        encoder=encoder if embedded else None,
        mapping=mapping if embedded else None,
        imagined=how,
        tile=facts_of(session, item.id),
    )
