"""`mindseye space …`: the joint spaces that everything lives in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mindseye.api import fitting, formatting
from mindseye.api.labelled import Labelled
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, DONE, LIBRARY, PARTLY, settings
from mindseye.api.settings import Settings
from mindseye.api.space_summary import list_lines, listed, show_lines, summary
from mindseye.api.spaces import open_space
from mindseye.engine.errors import UsageError
from mindseye.indexer.records import Skip

app = typer.Typer(no_args_is_help=True, help="Joint spaces: fit them, list them, show one.")
_MINUTES = 45.0
Learned = Literal["decoder", "dictionary"]  # as in api/training.py, which imports torch
Atoms = Literal["pairs", "learned"]


@app.command()
def fit(
    paths: Annotated[list[Path] | None, typer.Argument(help="More of --pairs.", show_default=False)] = None,
    pairs: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of pictures for each word, or a file of captions; may be repeated."),
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Where captioned files lie.", show_default=False)] = None,
    vectors: Annotated[
        str | None, typer.Option(help="Word vectors for the text side: a file, or glove.", show_default=False)
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Read --vectors though it is a pickle (gensim's .kv); nothing in it is run.")
    ] = False,
    base: Annotated[
        str | None, typer.Option(help="A space of vectors to fit --pairs to.", show_default="pocket")
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Learn from this collection's labelled pictures.", show_default=False)
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="Of --collection: learn only this label; may be repeated.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to save the space as.", show_default=False)] = None,
    decoder: Annotated[bool, typer.Option("--decoder", help="Train a decoder on the library's own pictures.")] = False,
    dictionary: Annotated[
        bool, typer.Option("--dictionary", help="Make a paired dictionary of the library's own pictures.")
    ] = False,
    atoms: Annotated[
        Atoms | None,
        typer.Option(help="Of the dictionary: drawn, or learned, which is slower and blurs.", show_default="pairs"),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="To train the decoder for.", show_default=f"{_MINUTES:.0f}")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Of what is held out, and of what is drawn in training.")
    ] = 0,
    library: LIBRARY = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Fit the pocket space once; or a space of your own from pictures and words, or from word vectors.

    Pictures and words are folders or captions (--pairs), or what the library has labelled (--collection).
    With --decoder or --dictionary, learn a way of imagining from the library's pictures instead.
    """
    if minutes is not None and not decoder:
        raise UsageError("--minutes is of --decoder", "leave it out, or train a decoder")
    if atoms is not None and not dictionary:
        raise UsageError("--atoms are of --dictionary", "leave it out, or make a dictionary")
    if decoder or dictionary:
        if decoder == dictionary or any((pairs, vectors, paths, images, base, name, collection, label)):
            raise UsageError(
                "--decoder and --dictionary are fitted alone", "give one of them, without --pairs and such"
            )
        method: Learned = "decoder" if decoder else "dictionary"
        return _train(method, settings(library), minutes or _MINUTES, atoms or "pairs", seed, as_json)
    if label and not collection:
        raise UsageError("--label is of --collection", "name the collection that has such labels")
    if collection and (pairs or paths or images):
        raise UsageError("--collection and --pairs are both pictures to learn from", "fit them one after the other")
    if not pairs and not vectors and not collection:
        if paths or images or base or name:
            hint = "name pictures with --pairs or --collection, or word vectors with --vectors"
            raise UsageError("nothing was given to fit to", hint)
        show(None, library, as_json)
        return DONE
    if vectors and base:
        raise UsageError("--vectors and --base are both the side of texts", "give one of them")
    side = fitting.TextSide(vectors, base, trust)
    labelled = Labelled(collection, tuple(label or ())) if collection else None
    given = [*(pairs or []), *(paths or [])]
    report = fitting.fit_space(settings(library), given, images, side, name, seed, labelled)
    _tell_skips(report.skipped)
    for note in report.notes:
        typer.echo(f"note: {note}", err=True)
    formatting.show(report, as_json, fitting.report_lines)
    return PARTLY if report.skipped else DONE


def _train(method: Learned, chosen: Settings, minutes: float, atoms: Atoms, seed: int, as_json: bool) -> int:
    from mindseye.api.training import report_lines, train  # imports torch, which only training needs

    report = train(chosen, method, minutes, atoms, seed)
    _tell_skips(report.skipped)
    formatting.show(report, as_json, report_lines)
    return PARTLY if report.skipped else DONE


def _tell_skips(skips: Sequence[Skip]) -> None:
    for skip in skips:
        typer.echo(f"skipped: {formatting.skip_line(skip)}", err=True)


@app.command("list")
def list_spaces(library: LIBRARY = None, as_json: AS_JSON = False) -> None:
    """List the spaces that --space may name, and what each is made of."""
    chosen = settings(library)
    formatting.show(listed(chosen.library, chosen.cache), as_json, list_lines)


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(help="The space; the one in use when none is named.")] = None,
    library: LIBRARY = None,
    as_json: AS_JSON = False,
) -> None:
    """Show a space: what it is made of, and how it weighs."""
    chosen = settings(library, name)
    with progress_bar("fitting the space (once)", "texts") as tell:
        space = open_space(chosen.space, chosen.library, chosen.cache, tell)
    runtimes = {"text": space.text.runtime, "pictures": space.picture.runtime}
    told: dict[str, Any] = {
        **summary(chosen.space, chosen.library, chosen.cache),
        "encoder": space.encoder, "text_encoder": space.text.fingerprint, "mapping": space.mapping,
        "width": space.width, "classes": len(space.crossmodal.classes), "own_words": list(space.traits.words),
        "weights": space.half_weights("text", "image"), "calibrated": space.traits.calibrated,
        "runtime": {each: runtime.name for each, runtime in runtimes.items() if runtime},
        "precision": {each: runtime.precision for each, runtime in runtimes.items() if runtime},
    }  # fmt: skip
    formatting.show(told, as_json, show_lines)
