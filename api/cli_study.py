"""`mindseye study`: forced-choice experiments with people, made, listed and told."""

from pathlib import Path
from typing import Annotated

import typer

from mindseye.api import formatting
from mindseye.api.outputs import check_output, write_whole
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, DONE, LIBRARY, PARTLY, SPACE, opened, settings
from mindseye.api.studies import telling
from mindseye.api.studies.making import add_raters, make_study, study_as_dict
from mindseye.api.studies.results import study_results
from mindseye.api.studies.table import judgments_csv
from mindseye.api.studies.wish import Confounders, Pictures, Question, StudyWish
from mindseye.api.studies.words import categories_from, read_words
from mindseye.engine.errors import UsageError
from mindseye.indexer.studies import Rater, Studies

app = typer.Typer(no_args_is_help=True, help="Ask people what pictures show, by links, and test what they answer.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The study's name.")]
_WORDS = "Words joined by commas, or a file of them (.csv with word,category; .tsv; .txt); may be repeated."
_CATEGORIES = "Where categories come from: wordnet, norms, or a file; what a file of words says goes first."


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A new name; part of the links.")],
    words: Annotated[list[str], typer.Option(metavar="FILE|WORD…", help=_WORDS)],
    question: Annotated[Question, typer.Option(help="What is chosen.")] = "word",
    confounders: Annotated[Confounders, typer.Option(help="Against any word, or one of its category.")] = "random",
    categories: Annotated[str, typer.Option(metavar="SOURCE", help=_CATEGORIES)] = "wordnet",
    pictures: Annotated[Pictures, typer.Option(help="Made for the word, or its best hit.")] = "imagined",
    raters: Annotated[int, typer.Option(help="Links to make.")] = 10,
    attention: Annotated[int, typer.Option(help="Checks of attention among the choices.")] = 6,
    attention_limit: Annotated[float, typer.Option(help="Share of checks that an attentive rater gets right.")] = 0.8,
    seed: Annotated[int, typer.Option(min=0, help="Of confounders, sides and order.")] = 0,
    method: Annotated[str | None, typer.Option(help="Way of imagining, by name.")] = None,
    size: Annotated[int | None, typer.Option(help="Side of an imagined picture in pixels.")] = None,
    instructions: Annotated[str | None, typer.Option(help="Text before the first choice.")] = None,
    consent: Annotated[str | None, typer.Option(help="Text that a rater agrees to before beginning.")] = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Make a study; pictures that are not there yet are imagined."""
    wish = StudyWish(
        name, read_words(words), question, confounders, raters, attention, attention_limit, seed, pictures, method,
        size, instructions, consent,
    )  # fmt: skip
    wish.check()
    data = settings(library).data
    categorise = categories_from(categories, question, data) if wish.needs_categories else None
    with opened(library, space) as eye, progress_bar("imagining", "steps") as tell:
        made = make_study(eye, wish, categorise, tell)
    for each in made.left_out:
        typer.echo(formatting.printable(f"left out: {each.word} ({each.reason})"), err=True)
    formatting.show(made, as_json, telling.made_lines)
    return PARTLY if made.left_out else DONE


@app.command("list")
def list_(library: LIBRARY = None, as_json: AS_JSON = False) -> None:
    """List the studies."""
    with Studies.open(settings(library).library) as studies:
        told = studies.all()
    if as_json:
        formatting.show([study_as_dict(each) for each in told], True, lambda _: [])
    else:
        formatting.show(told, False, telling.study_lines)


@app.command()
def links(
    name: Name,
    add: Annotated[int | None, typer.Option(min=1, help="Make so many links more.")] = None,
    base: Annotated[str, typer.Option(help="What the links begin with: the address of `mindseye serve`.")] = "",
    library: LIBRARY = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Print one link for each rater; who has a link can answer."""
    with Studies.open(settings(library).library) as studies:
        if add is not None:
            add_raters(studies, name, add)
        raters = studies.raters(studies.get(name))
    told = [_link(name, each, base.rstrip("/")) for each in raters]
    formatting.show(told, as_json, lambda told: [f"{each['rater']}  {each['link']}  {each['state']}" for each in told])


@app.command()
def results(
    name: Name,
    attentive: Annotated[bool, typer.Option("--attentive", help="Leave out the inattentive.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write every judgment here, one a row.")] = None,
    figure: Annotated[Path | None, typer.Option(help="Write a figure here (PNG).")] = None,
    library: LIBRARY = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Tell what a study found: accuracy, every item with its exact test, every rater."""
    check_output(csv, {".csv"})
    check_output(figure, {".png"})
    with Studies.open(settings(library).library) as studies:
        told = study_results(studies, name, attentive)
        if csv:
            write_whole(csv, judgments_csv(studies, name).encode())
    if figure:
        from mindseye.api.studies.figure import results_figure  # imports matplotlib, which nothing else here needs

        write_whole(figure, results_figure(told))
    formatting.show(told, as_json, telling.result_lines)


@app.command()
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    library: LIBRARY = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Remove a study with its links and answers, for good."""
    with Studies.open(settings(library).library) as studies:
        study = studies.get(name)
        if not yes:
            raise UsageError(f"the study {name!r} and its {study.judgments} judgments would be gone", "add --yes")
        studies.remove(name)
    formatting.show(study_as_dict(study), as_json, lambda told: [f"removed the study {told['name']}"])


def _link(name: str, rater: Rater, base: str) -> dict[str, object]:
    state = "finished" if rater.finished else f"{rater.answered}/{len(rater.plan)}" if rater.began else "not opened"
    return {"rater": rater.number, "link": f"{base}/study/{name}/r/{rater.token}", "state": state}
