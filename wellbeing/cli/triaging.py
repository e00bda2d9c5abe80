"""Commands about reading words: try texts, test the word list on labels, teach a site's model.

Everything stays on this machine; nothing is read from or written to the database.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from wellbeing.policy import loader
from wellbeing.policy.model import Lexicon, PolicyError
from wellbeing.policy.reading.clues import written
from wellbeing.triage.rules import conversation, evaluation, learning, ngrams, tables
from wellbeing.triage.rules.conversation import Turn
from wellbeing.triage.rules.evaluation import Evaluation, Figures
from wellbeing.triage.rules.tables import Labelled, Text

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = ROOT / "tests" / "triage_messages"
INVENTED = (MESSAGES / "invented.tsv", MESSAGES / "batches.tsv")
CLUES = ROOT / "config" / "clues.tsv"
NOT_UTF_8 = "not UTF-8; save the table again as UTF-8 text with tabs between the columns"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

triage_group = AppGroup("triage", short_help="Reading words of danger.")


@triage_group.command("score", with_appcontext=False)
@click.argument("path", type=FILE)
def score_file(path: Path) -> None:
    """Read texts (columns id, lang, conversation, turn, text) and print what was found in each."""
    lexicon = _lexicon()
    try:
        # Read once before a line is printed: a table with a mistake prints nothing but the mistake.
        count = sum(1 for _ in _texts(path))
        _row(("id", "turn", "level", "act_now", "abuse", "third_party", "matched"))
        found = conversation.read_again(texts=lambda: _texts(path), lexicon=lexicon)
        for text, turn in _with_progress(found, count):
            _scored(text, turn)
    except tables.NotATable as error:
        raise click.ClickException(f"{path.name}: {error}") from error


def _with_progress(found: Iterator[tuple[Text, Turn]], count: int) -> Iterator[tuple[Text, Turn]]:
    """Show how far a long reading is to whoever watches; a pipe sees only the rows."""
    if not sys.stderr.isatty():
        yield from found
        return
    with click.progressbar(found, length=count, file=sys.stderr) as rows:
        yield from rows


def _scored(text: Text, turn: Turn) -> None:
    marks = conversation.marks_of(turn=turn)
    flags = [str(int(marks[mark])) for mark in tables.MARKS]
    _row((text.id, str(text.turn), turn.level.name.lower(), *flags, _matched(turn)))


@triage_group.command("evaluate", with_appcontext=False)
@click.argument("paths", type=FILE, nargs=-1)
@click.option("--part", help="Only the rows whose column split says this: tune or held.")
@click.option("--model", type=FILE, help="A model of the site, judged beside the word list.")
def evaluate_files(paths: tuple[Path, ...], part: str | None, model: Path | None) -> None:
    """Compare the word list with labelled messages; without a file, with the invented ones."""
    labelled = _all_labelled(paths or INVENTED, part)
    if model is not None:
        _report_model(model, labelled)
    lexicon = _lexicon()
    texts = [one.text for one in labelled]
    # The first pass fills the caches of a fresh process; a web worker's are full.
    conversation.read_all(texts=texts, lexicon=lexicon)
    began = time.process_time()
    turns = conversation.read_all(texts=texts, lexicon=lexicon)
    micros = (time.process_time() - began) * 1e6 / len(texts)
    _report(evaluation.evaluate(labelled=labelled, turns=turns), micros)
    for title, groups in evaluation.by_group(labelled=labelled, turns=turns).items():
        click.echo(f"\norange or above, by {title}:")
        for name, figures in groups.items():
            _figures(f"  {name}", figures)


def _report_model(path: Path, labelled: Sequence[Labelled]) -> None:
    try:
        model = ngrams.from_document(document=json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, ngrams.NotAModel) as error:
        raise click.ClickException(f"{path.name}: is not a model of this software") from error
    began = time.process_time()
    figures = ngrams.evaluate(model=model, labelled=labelled)
    micros = (time.process_time() - began) * 1e6 / len(labelled)
    click.echo(
        f"the site's model, which raises the order of waiting messages and nothing else\n"
        f"{'':24}{'recall':>8}{'precision':>11}{'hits':>7}{'missed':>8}{'false':>7}"
    )
    _figures("high or above", figures)
    click.echo(f"microseconds a message: {micros:.0f}\n\nthe word list")


@triage_group.command("learn", with_appcontext=False)
@click.argument("paths", type=FILE, nargs=-1)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=CLUES)
def learn_clues(paths: tuple[Path, ...], output: Path) -> None:
    """Learn the weights of the clues from the tuning part of labelled messages."""
    labelled = _all_labelled(paths or INVENTED, "tune")
    try:
        biases, weights = learning.learn(labelled=labelled, words=_lexicon())
    except ngrams.TooFewLabels as error:
        raise click.ClickException(
            f"{error} {output.name} stays as it is; give the sets of the house beside your own."
        ) from error
    _write(output, written(biases=biases, weights=weights))
    click.echo(f"{output}: {len(weights)} clues from {len(labelled)} messages")


@triage_group.command("train", with_appcontext=False)
@click.argument("path", type=FILE)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def train_file(path: Path, output: Path) -> None:
    """Teach the site's own model from labelled messages (id, text, level) and print its card."""
    try:
        model = ngrams.train(labelled=_labelled(path))
    except ngrams.TooFewLabels as error:
        raise click.ClickException(str(error)) from error
    document = ngrams.to_document(model=model)
    _write(output, json.dumps(document, indent=0))
    click.echo(CARD.format(model=model, output=output, places=len(model.weights)))


def _write(path: Path, content: str) -> None:
    """Write a whole file or none: what stood there before stays until the new one is complete."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_text(content, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {error.strerror}") from error


CARD = """\
Model card
  file               {output}
  what it is         logistic regression over runs of 1 to 3 characters, hashed ({places} places)
  what it may do     raise the order of waiting messages within their level; nothing else
  what it may not    set a level, open a case, call anybody, or keep anybody waiting longer
  learned from       {model.learned_from} messages of this site, labelled orange or above, or below
  tested on          {model.held} other messages, drawn by a hash, never learned from
  recall             {model.recall:.3f} of orange and above
  precision          {model.precision:.3f}
  texts inside       none, only weights; no text left this machine
  where it is weak   words that the labels never had; dialects and ages with few labels
  to turn it on      config/triage.toml, [model]: enabled = true, path = the file
"""


def _labelled(path: Path) -> tuple[Labelled, ...]:
    try:
        return tables.read_labelled(content=_lines(path))
    except tables.NotATable as error:
        raise click.ClickException(f"{path.name}: {error}") from error


def _all_labelled(paths: Iterable[Path], part: str | None) -> tuple[Labelled, ...]:
    found = tuple(one for path in paths for one in _labelled(path) if part in {None, one.part})
    if not found:
        raise click.ClickException(
            f"no row says “{part}” in its column split" if part else "no rows"
        )
    return found


def _texts(path: Path) -> Iterator[Text]:
    return tables.read_texts(content=_lines(path))


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from file
    except UnicodeDecodeError as error:
        raise tables.NotATable(line=_first_bad_line(path), says=NOT_UTF_8) from error


def _first_bad_line(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def _lexicon() -> Lexicon:
    try:
        return loader.load(directory=ROOT / "config").triage.lexicon
    except PolicyError as error:
        raise click.ClickException(str(error)) from error


def _row(values: Sequence[str]) -> None:
    click.echo("\t".join(" ".join(value.split()) for value in values))


def _matched(turn: Turn) -> str:
    return "; ".join(
        f"{one.rule}: {one.phrase}"
        + (f" ({', '.join(kind.value for kind in one.contexts)})" if one.contexts else "")
        for one in turn.matches
    )


def _report(found: Evaluation, micros: float) -> None:
    click.echo(f"{'':24}{'recall':>8}{'precision':>11}{'hits':>7}{'missed':>8}{'false':>7}")
    for level, figures in found.levels.items():
        _figures(f"{level.name.lower()} or above", figures)
    for mark, figures in found.marks.items():
        _figures(mark, figures)
    click.echo(f"\nmessages {found.count}, flags per 100: {100 * found.flagged / found.count:.1f}")
    click.echo(f"microseconds a message: {micros:.0f}")
    for title, rows in (
        ("missed at orange or above", found.missed),
        ("acts under way that were missed", found.acts_missed),
        ("flagged without need", found.false),
    ):
        click.echo(f"\n{title}: {len(rows)}")
        for one in rows:
            click.echo(f"  {one.text.id}\t{one.level.name.lower()}\t{one.text.text}")


def _figures(name: str, figures: Figures) -> None:
    shares = [
        "–" if share is None else f"{share:.3f}" for share in (figures.recall, figures.precision)
    ]
    click.echo(
        f"{name:24}{shares[0]:>8}{shares[1]:>11}"
        f"{figures.hits:>7}{figures.missed:>8}{figures.false:>7}"
    )
