"""The commands print what was found, and name what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from wellbeing.cli.triaging import MESSAGES, triage_group


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
