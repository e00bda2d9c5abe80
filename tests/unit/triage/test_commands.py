"""The commands print what was found, and name what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wellbeing.cli.triaging import MESSAGES, triage_group

ROOT = Path(__file__).resolve().parents[3]


def run(*args: str) -> Result:
    return CliRunner().invoke(triage_group, list(args))


def test_texts_are_scored_by_conversation(tmp_path: Path):
    path = tmp_path / "texts.tsv"
    path.write_text(
        "id\tlang\tconversation\tturn\ttext\na\tzh\tc\t1\t我同学说她不想活了\nb\tzh\tc\t2\t谢谢\n",
        encoding="utf-8",
    )

    result = run("score", str(path))

    assert result.output.splitlines() == [
        "id\tturn\tlevel\tact_now\tabuse\tthird_party\tmatched",
        "a\t1\thigh\t0\t0\t1\tintent_to_die: 不想活了 (third_person)",
        "b\t2\thigh\t0\t0\t1\t",
    ]


def test_a_broken_file_is_named_by_line(tmp_path: Path):
    path = tmp_path / "texts.tsv"
    path.write_bytes(b"id\tlang\tconversation\tturn\ttext\na\tzh\tc\t1\t\xff\n")

    result = run("score", str(path))

    assert result.exit_code == 1
    assert "texts.tsv: line 2: not UTF-8" in result.output


def test_the_invented_set_is_evaluated_without_a_file():
    result = run("evaluate", "--part", "held")

    assert result.exit_code == 0
    assert "high or above" in result.output
    assert "missed at orange or above" in result.output
    assert "flags per 100" in result.output


def test_a_model_is_written_with_its_card(tmp_path: Path):
    output = tmp_path / "model.json"

    result = run("train", str(MESSAGES / "invented.tsv"), "--output", str(output))

    assert "Model card" in result.output
    assert output.stat().st_size > 0


def test_a_model_is_judged_beside_the_word_list(tmp_path: Path):
    output = tmp_path / "model.json"
    run("train", str(MESSAGES / "invented.tsv"), "--output", str(output))

    result = run(
        "evaluate", str(MESSAGES / "batches.tsv"), "--part", "held", "--model", str(output)
    )

    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert (
        lines[0] == "the site's model, which raises the order of waiting messages and nothing else"
    )
    assert lines[2].startswith("high or above")
    assert "the word list" in lines


def test_a_file_that_is_no_model_is_said_so(tmp_path: Path):
    output = tmp_path / "model.json"
    output.write_text("{}")

    result = run("evaluate", str(MESSAGES / "batches.tsv"), "--model", str(output))

    assert result.exit_code == 1
    assert "model.json: is not a model of this software" in result.output


def test_weights_learned_from_two_messages_do_not_take_the_place_of_the_old(tmp_path: Path):
    labels, kept = tmp_path / "labels.tsv", tmp_path / "clues.tsv"
    labels.write_text("id\tlevel\tsplit\ttext\n1\thigh\ttune\t想死\n2\tlow\ttune\t好\n", "utf-8")
    kept.write_text("what stood here", "utf-8")

    result = run("learn", str(labels), "--output", str(kept))

    assert result.exit_code == 1
    assert "clues.tsv stays as it is" in result.output
    assert kept.read_text("utf-8") == "what stood here"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    labels = ROOT / "tests" / "triage_messages" / "invented.tsv"

    result = run("train", str(labels), "--output", str(tmp_path / "nowhere" / "model.json"))

    assert result.exit_code == 1
    assert "model.json: cannot be written" in result.output


def test_a_part_that_no_row_has_is_named(tmp_path: Path):
    labels = tmp_path / "labels.tsv"
    labels.write_text("id\tlevel\ttext\n1\thigh\t想死\n", "utf-8")

    result = run("learn", str(labels), "--output", str(tmp_path / "clues.tsv"))

    assert result.exit_code == 1
    assert "no row says “tune” in its column split" in result.output


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_table_in_another_encoding_is_told_how_to_save_it(tmp_path: Path, encoding: str):
    texts = tmp_path / "texts.tsv"
    texts.write_text("id\tlang\tconversation\tturn\ttext\n1\tzh\t\t1\t我想死\n", encoding)

    result = run("score", str(texts))

    assert result.exit_code == 1
    assert "not UTF-8; save the table again as UTF-8 text" in result.output


def test_commas_between_the_columns_are_named(tmp_path: Path):
    texts = tmp_path / "texts.csv"
    texts.write_text("id,lang,conversation,turn,text\n1,zh,,1,我想死\n", "utf-8")

    result = run("score", str(texts))

    assert result.exit_code == 1
    assert "the columns must have tabs between them" in result.output
