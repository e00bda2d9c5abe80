"""The control API, the phones' API and the page, as another process sees them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import html5lib
import pytest

from tests.doors.simulator.conftest import LINE, Carrier
from wellbeing.simulator.calls import Problem
from wellbeing.simulator.words import WORDS

STUDENT = "+8613900000001"
PHONE = f"/handsets/{quote(STUDENT)}"


def test_a_phone_is_put_on_the_desk_texts_and_is_answered(carrier: Carrier):
    carrier.product.documents["twilio/text/in"] = "<Response><Message>我们在</Message></Response>"
    client = carrier.app.test_client()

    client.post("/handsets", json={"number": STUDENT, "label": "学生小明"})
    sent = client.post(f"{PHONE}/text", json={"to": LINE, "body": "在吗"})
    carrier.forward(5)

    thread = client.get(PHONE).json["thread"]
    assert sent.status_code == 201
    assert [(row["direction"], row["body"]) for row in thread] == [
        ("out", "在吗"),
        ("in", "我们在"),
    ]
    assert carrier.product.seen[0][2] is True


def test_a_phone_calls_presses_and_hangs_up(carrier: Carrier):
    carrier.product.documents["twilio/voice/in"] = (
        '<Response><Gather action="/x" numDigits="2">'
        '<Say language="cmn-CN">您好</Say></Gather></Response>'
    )
    client = carrier.app.test_client()
    client.post("/handsets", json={"number": STUDENT, "label": "学生小明"})

    client.post(f"{PHONE}/call", json={"to": LINE})
    client.post("/control/settle")
    pressed = client.post(f"{PHONE}/press", json={"digits": "1"}).json
    ended = client.post(f"{PHONE}/hang-up").json

    assert (pressed["state"], pressed["listened_to"]) == ("in call", True)
    assert [(row["text"], row["language"]) for row in pressed["heard"]] == [("您好", "cmn-CN")]
    assert (ended["state"], ended["history"][0]["pressed"]) == ("idle", "1")


def test_an_inbox_without_news_is_empty(carrier: Carrier):
    client = carrier.app.test_client()
    version = client.post("/handsets", json={"number": STUDENT, "label": "小明"}).json["version"]

    nothing = client.get(f"{PHONE}/inbox?version={version}")
    client.post(f"{PHONE}/text", json={"to": LINE, "body": "在吗"})
    news = client.get(f"{PHONE}/inbox?version={version}")

    assert nothing.status_code == 204
    assert (news.status_code, news.json["version"]) == (200, version + 1)


@pytest.mark.parametrize(
    ("path", "body", "status", "problem"),
    [
        ("/answer", {}, 409, "wrong_state"),
        ("/decline", {}, 409, "wrong_state"),
        ("/hang-up", {}, 409, "wrong_state"),
        ("/press", {"digits": "1"}, 409, "wrong_state"),
        ("/press", {"digits": "1x"}, 400, "not_valid"),
        ("/text", {"to": LINE}, 400, "not_valid"),
        ("/text", {"to": LINE, "body": 7}, 400, "not_valid"),
        ("/call", {"to": "+8602300000000"}, 409, "no_such_number"),
    ],
)
def test_what_a_phone_cannot_do_is_refused_with_a_reason(
    carrier: Carrier, path: str, body: dict[str, object], status: int, problem: str
):
    client = carrier.app.test_client()
    client.post("/handsets", json={"number": STUDENT, "label": "小明"})

    answer = client.post(PHONE + path, json=body)

    assert (answer.status_code, answer.json["problem"]) == (status, problem)


def test_an_unknown_phone_is_not_found(carrier: Carrier):
    assert carrier.app.test_client().get("/handsets/+8600").status_code == 404


def test_next_tells_the_time_of_the_next_event(carrier: Carrier):
    client = carrier.app.test_client()
    client.post("/handsets", json={"number": STUDENT, "label": "小明"})
    client.post(f"{PHONE}/text", json={"to": LINE, "body": "HELP"})
    client.post("/control/settle")

    times = client.get("/control/next").json

    assert times == {
        "now": "2026-03-02T01:00:00+00:00",
        "next_due_at": "2026-03-02T01:00:00.200000+00:00",
    }


def test_faults_are_ordered_listed_and_withdrawn(carrier: Carrier):
    client = carrier.app.test_client()

    made = client.post("/control/faults", json={"kind": "busy", "number": STUDENT, "count": None})
    listed = client.get("/control/faults").json["faults"]
    client.delete("/control/faults")

    assert made.status_code == 201
    assert listed == [
        {"id": 1, "kind": "busy", "number": STUDENT, "sid": None, "count": None, "value": None}
    ]
    assert client.get("/control/faults").json["faults"] == []


@pytest.mark.parametrize("order", [{"kind": "meteor"}, {}, {"kind": "busy", "phone": "x"}, []])
def test_an_order_that_is_no_fault_is_refused(carrier: Carrier, order: object):
    assert carrier.app.test_client().post("/control/faults", json=order).status_code == 400


def test_a_reset_forgets_all_but_the_phones(carrier: Carrier):
    client = carrier.app.test_client()
    client.post("/handsets", json={"number": STUDENT, "label": "小明"})
    client.post(f"{PHONE}/text", json={"to": LINE, "body": "在吗"})
    client.post("/control/settle")

    client.post("/control/reset")

    phone = client.get(PHONE).json
    assert (phone["label"], phone["thread"]) == ("小明", [])
    assert client.get("/control/journal").json["entries"] == []
    assert client.get("/control/next").json["next_due_at"] is None


@pytest.mark.parametrize(
    ("path", "language", "title"), [("/", "zh-CN", "模拟电话"), ("/?lang=en", "en", "Phones")]
)
def test_the_page_is_valid_and_speaks_both_languages(
    carrier: Carrier, path: str, language: str, title: str
):
    answer = carrier.app.test_client().get(path)

    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.text)
    assert page.get("lang") == language
    assert page.find("head/title").text == title
    assert all(script.get("src") and not script.text for script in page.iter("script"))


def test_the_page_loads_nothing_from_elsewhere(carrier: Carrier):
    client = carrier.app.test_client()

    answer = client.get("/")
    sources = re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)
    found = [client.get(source, buffered=True).status_code for source in sources]

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert found == [200, 200, 200]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", ("身份验证器", "学生和其他来电人", "工作人员", "查找手机")),
        ("/?lang=en", ("Authenticator", "Students and other callers", "Staff", "Find a phone")),
    ],
)
def test_the_page_has_a_place_for_each_kind_of_phone_and_for_codes(
    carrier: Carrier, path: str, words: tuple[str, ...]
):
    page = carrier.app.test_client().get(path).text

    assert [word for word in words if word not in page] == []


def test_every_word_of_the_page_exists_in_both_languages():
    assert set(WORDS["zh"]) == set(WORDS["en"])
    assert all(word.strip() for words in WORDS.values() for word in words.values())


def test_every_problem_of_a_phone_has_its_words():
    named = {f"problem_{problem.value}" for problem in Problem}

    assert named <= set(WORDS["zh"])


def test_the_simulator_starts_from_the_command_line_with_its_phones(tmp_path: Path):
    phones = tmp_path / "phones.json"
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    staff = {"number": "+8613900000002", "label": "值班老师", "authenticator": secret}
    phones.write_text(json.dumps([staff]), encoding="utf-8")
    command = [
        sys.executable, "-m", "wellbeing.simulator", "--port", "0", "--phones", str(phones),
        "--phone", f"{STUDENT}=学生小明",
    ]  # fmt: skip

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            line = process.stdout.readline()
            address = re.search(r"http://\S+/", line)[0]
            with urlopen(f"{address}handsets") as answer:  # noqa: S310 - our own server
                listed = json.load(answer)["handsets"]
        finally:
            process.terminate()

    assert [phone["label"] for phone in listed] == ["值班老师", "学生小明"]
    assert re.fullmatch("[0-9]{6}", listed[0]["code"])
    assert listed[1]["code"] is None


def test_two_phones_that_are_joined_say_so_and_hear_each_other(carrier: Carrier):
    carrier.product.documents["twilio/voice/in"] = (
        "<Response><Dial><Client>counselor_12</Client></Dial></Response>"
    )
    client = carrier.app.test_client()
    teacher = f"/handsets/{quote('client:counselor_12')}"
    client.post("/handsets", json={"number": STUDENT, "label": "学生小明"})
    client.post("/handsets", json={"number": "client:counselor_12", "label": "值班老师"})

    client.post(f"{PHONE}/call", json={"to": LINE})
    carrier.forward(1)
    answered = client.post(f"{teacher}/answer").json
    said = client.post(f"{PHONE}/speak", json={"text": "老师好"}).json
    heard = client.get(teacher).json["heard"][-1]

    assert answered["connected_to"] == [{"number": STUDENT, "label": "学生小明"}]
    assert said["connected_to"] == [{"number": "client:counselor_12", "label": "值班老师"}]
    assert [row["text"] for row in said["said"]] == ["老师好"]
    assert (heard["kind"], heard["text"], heard["by_label"]) == ("voice", "老师好", "学生小明")


def test_a_phone_that_is_idle_cannot_speak(carrier: Carrier):
    client = carrier.app.test_client()
    client.post("/handsets", json={"number": STUDENT, "label": "小明"})

    assert client.post(f"{PHONE}/speak", json={"text": "喂"}).status_code == 409


@pytest.mark.parametrize(("path", "word"), [("/", "对电话说"), ("/?lang=en", "Say into the phone")])
def test_the_page_has_a_field_to_speak_into_a_phone(carrier: Carrier, path: str, word: str):
    assert word in carrier.app.test_client().get(path).text
