"""Files of messages: patient with editors and spreadsheets, exact about what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules import tables
from wellbeing.triage.rules.tables import NotATable

HEAD = "id\tlang\tconversation\tturn\ttext\n"


def test_a_byte_order_mark_and_foreign_line_ends_are_no_mistake():
    content = "\ufeff" + HEAD.replace("\n", "\r\n") + "a\tzh\tc\t2\t你好\r\n\r\nb\ten\t\t\thi\r\n"

    read = tables.read_texts(content=content)

    assert [(one.id, one.conversation, one.turn, one.text) for one in read] == [
        ("a", "c", 2, "你好"),
        ("b", "", 1, "hi"),
    ]


def test_an_empty_text_is_a_text():
    read = tables.read_texts(content=HEAD + "a\tzh\tc\t1\t\nb\tzh\tc\t2\n")

    assert [one.text for one in read] == ["", ""]


def test_only_the_quotes_of_a_spreadsheet_are_taken_off():
    read = tables.read_texts(content=HEAD + 'a\ten\t\t\t"a ""b"" c"\nb\ten\t\t\t"a" and "b"\n')

    assert [one.text for one in read] == ['a "b" c', '"a" and "b"']


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "line 1: missing columns: id, lang, conversation, turn, text"),
        ("id\ttext\na\tb\n", "line 1: missing columns: lang, conversation, turn"),
        (HEAD + "a\tzh\n", "line 2: 2 columns instead of 5"),
        (HEAD + "a\tzh\tc\t1\tx\nb\tzh\tc\tone\tx\n", "line 3: turn must be a whole number"),
    ],
)
def test_what_is_wrong_is_named_by_line(content: str, says: str):
    with pytest.raises(NotATable, match=says):
        list(tables.read_texts(content=content))


def test_labels_are_read_with_their_marks():
    (read,) = tables.read_labelled(content="id\tlevel\tact_now\ttext\na\tRed\t1\tx\n")

    assert (read.level, read.marks, read.part) == (RiskLevel.IMMINENT, {"act_now"}, "")


@pytest.mark.parametrize(
    ("row", "says"), [("a\tpink\t1\tx", "“pink” is not one of"), ("a\tred\tmaybe\tx", "1 or 0")]
)
def test_a_label_that_nobody_knows_is_named(row: str, says: str):
    with pytest.raises(NotATable, match=says):
        tables.read_labelled(content=f"id\tlevel\tact_now\ttext\n{row}\n")


def test_rows_are_read_as_they_are_asked_for():
    """A file larger than the memory is read line by line; what nobody asked for is not read."""

    def endless() -> Iterator[str]:
        yield HEAD
        while True:
            yield "a\txx\t\t\t你好\n"

    read = tables.read_texts(content=endless())

    assert [next(read).text for _ in range(3)] == ["你好", "你好", "你好"]


def test_a_column_that_stands_twice_is_named():
    with pytest.raises(NotATable, match="line 1: the column text stands twice"):
        list(tables.read_texts(content="id\tlang\tconversation\tturn\ttext\ttext\n"))
