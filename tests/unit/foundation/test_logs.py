from __future__ import annotations

import json
import logging

import pytest

from wellbeing.foundation import logs


def test_a_log_line_is_json_without_personal_fields(capsys: pytest.CaptureFixture[str]):
    before = logging.getLogger().handlers[:]
    logs.configure(level="INFO")

    logging.getLogger("wellbeing.test").info(
        "a text arrived", extra={"contact": 7, "body": "secret words", "number": "+8613900000001"}
    )
    logging.getLogger().handlers[:] = before

    line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert line["event"] == "a text arrived"
    assert line["contact"] == 7
    assert "body" not in line
    assert "number" not in line
