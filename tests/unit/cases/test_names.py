"""Names are found again however they were heard or typed; what is kept tells nothing more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.cases.rules.names import NameKind, masked, same_name, search_tokens, tokens

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


def finds(typed: str, name: str) -> bool:
    return bool(search_tokens(typed=typed) & tokens(name=name))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王小明", "王小明"),
        ("王小明", "王"),
        ("王小明", "王 小 明"),
        ("王小明", "wang xiaoming"),
        ("王小明", "WangXiaoMing"),
        ("王小明", "Xiaoming Wang"),
        ("王小明", "ｗａｎｇ"),
        ("王國強", "王国强"),
        ("王国强", "王國強"),
        ("欧阳娜", "欧阳"),
        ("欧阳娜", "ouyang"),
        ("欧阳娜", "ouyang na"),
        ("单雄信", "shan xiongxin"),
        ("单雄信", "dan xiongxin"),
        ("曾乐", "zeng yue"),
        ("曾乐", "ceng le"),
        ("尉迟恭", "yuchi gong"),
        ("万俟雪", "moqi"),
        ("仇英", "qiu"),
        ("查良", "zha liang"),
        ("解行", "xie xing"),
        ("吕绿", "lv lv"),
        ("吕绿", "lü lü"),
        ("吕绿", "LYU LYU"),
        ("阿依古丽·买买提", "阿依古丽"),
        ("阿依古丽·买买提", "买买提"),
        ("阿依古丽·买买提", "阿依古丽买买提"),
        ("阿依古丽•买买提", "阿依古丽・买买提"),
        ("阿依古丽·买买提", "ayiguli"),
        ("阿依古丽·买买提", "maimaiti ayiguli"),
        ("Mary-Jane O'Neil", "mary"),
        ("Mary-Jane O'Neil", "ONEIL"),
        ("Mary-Jane O'Neil", "O’Neil, Mary Jane"),
        ("José Ñandú", "jose nandu"),
        ("Zhang San", "San Zhang"),
        ("Zhang San", "zhangsan"),
        ("王Tom", "tom"),
        ("\u202e王小明\u200b", "王小明"),
        ("𠮷田", "𠮷"),
    ],
)
def test_a_name_is_found_by_what_somebody_heard(name: str, typed: str):
    assert finds(typed, name)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王小明", "小明"),
        ("王小明", "汪"),
        ("王小明", "wan"),
        ("王小明", "王小"),
        ("欧阳娜", "阳"),
        ("Mary Jane", "ary"),
        ("张三", ""),
        ("张三", " · "),
        ("😀", "😀"),
    ],
)
def test_what_is_not_a_part_finds_nothing(name: str, typed: str):
    assert not finds(typed, name)


def test_a_surname_of_two_characters_is_kept_whole_and_by_its_first():
    found = {text for kind, text in tokens(name="欧阳娜") if kind is NameKind.SURNAME}

    assert found == {"欧", "欧阳"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小明", "王••"),
        ("欧阳娜", "欧阳••"),
        ("欧阳", "欧••"),
        ("阿依古丽·买买提", "阿••"),
        ("Mary Jane", "M••"),
        ("<script>", "<••"),
        ("=1+1", "=••"),
        ("\u202eabc", "a••"),
        ("", "••"),
        ("\ud800\x00", "�••"),
    ],
)
def test_lists_show_a_surname_or_one_letter(name: str, shown: str):
    assert masked(name=name) == shown


def test_two_names_are_the_same_only_as_a_whole():
    assert same_name(name="Li Ming") == same_name(name="MING  LI")
    assert same_name(name="李明") != same_name(name="李鸣")
    assert same_name(name="😀") == frozenset()


@given(st.text(max_size=300))
def test_no_text_breaks_the_index_and_every_token_can_be_sealed(name: str):
    found = tokens(name=name)

    assert len(found) < 400
    assert all(text and text.encode() for _kind, text in found)
    assert len(masked(name=name)) <= 5


@given(st.text(alphabet=HAN, min_size=2, max_size=4))
def test_a_chinese_name_is_found_by_itself_and_by_its_surname(name: str):
    assert finds(name, name)
    assert finds(name[0], name)


@given(st.text(alphabet=HAN, min_size=2, max_size=4), st.sampled_from([" ", "\u3000", "\u200b"]))
def test_blanks_between_chinese_characters_are_only_layout(name: str, blank: str):
    assert same_name(name=blank.join(name)) == same_name(name=name)


@given(st.lists(st.text(alphabet="abcdefgh", min_size=1, max_size=8), min_size=1, max_size=4))
def test_latin_words_are_found_in_any_order_and_case(words: list[str]):
    name = " ".join(words)

    assert finds(" ".join(reversed(words)).upper(), name)
    assert all(finds(word, name) for word in words)


def test_a_name_of_fifty_parts_costs_no_more_than_a_name():
    """Found by trying it: all readings of all parts took the machine's memory."""
    assert len(tokens(name="长·" * 50)) < 60
