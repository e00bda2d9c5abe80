"""Record: what ends it, what the action and the callback are told, what is kept."""

from __future__ import annotations

import io
import wave

from tests.unit.simulator.workbench import LINE, STUDENT, Bench
from wellbeing.simulator import media
from wellbeing.simulator.faults import Fault, FaultKind
from wellbeing.simulator.handsets import Handset

VOICE = "/twilio/voice/in"
STORED = 'recordingStatusCallback="/stored"'


def record(bench: Bench, attributes: str = "") -> Handset:
    verb = f'<Record action="/recorded" {STORED} {attributes}/>'
    bench.product.answers(VOICE, f"<Response>{verb}<Say>nothing</Say></Response>")
    bench.product.answers("/recorded", "<Response><Say>thanks</Say><Pause length='9'/></Response>")
    phone = bench.phone()
    phone.call(to=LINE)
    bench.forward(0)
    return phone


def heard(phone: Handset) -> list[str]:
    return [each.text for each in phone.heard if each.kind == "say"]


def test_a_beep_comes_first(bench: Bench):
    phone = record(bench)

    assert [each.kind for each in phone.heard] == ["beep"]


def test_silence_after_the_words_ends_the_recording(bench: Bench):
    phone = record(bench)

    phone.speak("请明天给我回电话好吗")
    bench.forward(7.4)
    early = bench.product.fields("/recorded")
    bench.forward(0.1)

    fields = bench.product.fields("/recorded")[0]
    recording = next(iter(bench.core.board.recordings.values()))
    assert early == []
    assert (fields["RecordingSid"], fields["RecordingDuration"]) == (recording.sid, "2")
    assert fields["RecordingUrl"].endswith(f"/Recordings/{recording.sid}")
    assert recording.words == ["请明天给我回电话好吗"]
    assert heard(phone) == ["thanks"]


def test_a_key_ends_the_recording(bench: Bench):
    phone = record(bench)
    phone.speak("你好")

    phone.press(digits="#")
    bench.forward(0)

    assert bench.product.fields("/recorded")[0]["Digits"] == "#"


def test_only_the_finish_keys_end_it(bench: Bench):
    phone = record(bench, 'finishOnKey="*"')
    phone.speak("你好")

    phone.press(digits="1")
    bench.forward(0)

    assert bench.product.fields("/recorded") == []


def test_hanging_up_ends_it_and_is_told(bench: Bench):
    phone = record(bench)
    phone.speak("你好")

    phone.hang_up()
    bench.forward(2)

    assert bench.product.fields("/recorded")[0]["Digits"] == "hangup"
    assert bench.product.fields("/stored")[0]["RecordingStatus"] == "completed"


def test_the_time_limit_ends_it(bench: Bench):
    phone = record(bench, 'maxLength="10" timeout="0"')
    phone.speak("一二三四" * 20)

    bench.forward(10)

    assert bench.product.fields("/recorded")[0]["RecordingDuration"] == "10"


def test_the_file_is_ready_a_moment_after_the_action(bench: Bench):
    phone = record(bench)
    phone.speak("你好")
    phone.press(digits="#")
    bench.forward(0)
    early = bench.product.fields("/stored")

    bench.forward(1)

    fields = bench.product.fields("/stored")[0]
    assert early == []
    assert fields["RecordingStatus"] == "completed"
    assert fields["RecordingSource"] == "RecordVerb"
    assert fields["CallSid"] == bench.product.fields(VOICE)[0]["CallSid"]


def test_without_a_word_there_is_no_recording_and_the_next_verb_follows(bench: Bench):
    phone = record(bench, 'recordingStatusCallbackEvent="completed absent"')

    bench.forward(5)

    assert heard(phone) == ["nothing"]
    assert bench.product.fields("/recorded") == []
    assert bench.product.fields("/stored")[0]["RecordingStatus"] == "absent"
    assert bench.core.board.recordings == {}


def test_the_callback_of_a_recording_can_be_lost(bench: Bench):
    bench.core.add_fault(fault=Fault(kind=FaultKind.DROP, number=STUDENT))
    phone = record(bench)
    phone.speak("你好")

    phone.press(digits="#")
    bench.forward(2)

    assert bench.product.fields("/stored") == []


def test_the_wav_file_is_a_tone_of_that_length():
    with wave.open(io.BytesIO(media.tone(seconds=3))) as sound:
        frames = sound.readframes(sound.getnframes())

    assert (sound.getframerate(), sound.getnframes()) == (8000, 24_000)
    assert len(set(frames)) > 2


def test_the_mp3_file_is_as_long():
    assert len(media.silence(seconds=3)) == 72 * 42
