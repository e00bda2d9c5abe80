"""The shipped organizations: dated, because the districts changed on 6 November 2025."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from tests.unit.policy.conftest import SHIPPED

COLUMNS = [
    "code", "kind", "parent_code", "name_zh", "name_en", "region_group", "valid_from", "valid_to",
]  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (SHIPPED / "organizations" / "chongqing.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def standing_on(*, rows: list[dict[str, str]], day: date) -> list[str]:
    return [
        row["code"]
        for row in rows
        if row["kind"] == "district"
        and row["region_group"] != "functional_zone"
        and (row["valid_from"] or "0000") <= day.isoformat() <= (row["valid_to"] or "9999")
    ]


def test_one_municipality_carries_every_district(rows: list[dict[str, str]]):
    tops = [row for row in rows if row["kind"] == "municipality"]

    assert [(row["code"], row["name_zh"], row["parent_code"]) for row in tops] == [
        ("500000", "重庆市", "")
    ]
    assert {row["parent_code"] for row in rows if row["kind"] == "district"} == {"500000"}


@pytest.mark.parametrize(
    ("day", "count"), [(date(2025, 11, 5), 38), (date(2025, 11, 6), 37), (date(2026, 9, 1), 37)]
)
def test_the_districts_are_38_before_liangjiang_and_37_after(
    rows: list[dict[str, str]], day: date, count: int
):
    """facts.md 3.4: Jiangbei and Yubei became part of Liangjiang New Area on 6 November 2025."""
    assert len(standing_on(rows=rows, day=day)) == count


def test_jiangbei_and_yubei_end_the_day_before_liangjiang_begins(rows: list[dict[str, str]]):
    dated = {
        row["name_zh"]: (row["code"], row["valid_from"], row["valid_to"])
        for row in rows
        if row["valid_from"] or row["valid_to"]
    }

    assert dated == {
        "江北区": ("500105", "", "2025-11-05"),
        "渝北区": ("500112", "", "2025-11-05"),
        "两江新区": ("CQ-LJ", "2025-11-06", ""),
    }


def test_the_functional_zones_stand_beside_the_districts(rows: list[dict[str, str]]):
    zones = [row["code"] for row in rows if row["region_group"] == "functional_zone"]

    assert zones == ["CQ-GX", "CQ-WS"]


def test_codes_and_names_are_each_given_once(rows: list[dict[str, str]]):
    for column in ("code", "name_zh", "name_en"):
        values = [row[column] for row in rows]
        assert all(values)
        assert len(set(values)) == len(values)
