"""Record: what somebody says after the beep, until silence, a key, the time limit or the end.

The words are kept as text; a tone of the same length stands for the sound, see `media`.
"""

from __future__ import annotations

from dataclasses import replace

from wellbeing.simulator import desks
from wellbeing.simulator.callbacks import Notice
from wellbeing.simulator.catalogue import rfc2822
from wellbeing.simulator.params import API_VERSION
from wellbeing.simulator.places import Recording
from wellbeing.simulator.records import Call, Engagement, Hook, Parting
from wellbeing.simulator.speech import seconds_to_say
from wellbeing.simulator.stage import Stage
from wellbeing.simulator.switchboard import Switchboard
from wellbeing.simulator.twiml import Element

_BEEP = "beep"
_TO_READY = 1.0
_API = "https://api.twilio.com"


def begin(stage: Stage, call: Call, element: Element) -> None:
    """Beep and begin to record."""
    _Taping(stage, call, element)


def address_of(*, board: Switchboard, recording: Recording) -> str:
    """Give the URL that Twilio would give; without an ending it is the WAV file."""
    account = board.settings.account_sid
    return f"{_API}/{API_VERSION}/Accounts/{account}/Recordings/{recording.sid}"


class _Taping:
    """One Record under way."""

    def __init__(self, stage: Stage, call: Call, verb: Element) -> None:
        self._stage = stage
        self._board = stage.board
        self._call = call
        self._attributes = verb.attributes
        self._after = stage.after(call=call, element=verb)
        self._action = self._after.action or _same_document(stage, call, verb)
        hook = {"url": "recordingStatusCallback", "method": "recordingStatusCallbackMethod"}
        self._told = stage.hook(call=call, element=verb, **hook)
        now = self._board.agenda.time()
        self._recording = Recording(call.sid, now, now)
        self._spoken = 0.0
        self._silence = 0
        if verb.attributes.get("playBeep", "true") == "true":
            desks.hears(board=self._board, call=call, text="", language="", kind=_BEEP)
        call.run.engagement = Engagement(part=self._part, press=self._press, speak=self._speak)
        most = float(verb.attributes.get("maxLength", "3600"))
        stage.later(call=call, seconds=most, action=lambda _call: self._finish(""))
        self._listen(0.0)

    def _listen(self, speaking: float) -> None:
        """Wait for the end of what is being said and then for silence; 0 waits without end."""
        timeout = float(self._attributes.get("timeout", "5"))
        self._silence += 1
        turn = self._silence
        if timeout > 0:
            self._stage.later(
                call=self._call,
                seconds=speaking + timeout,
                action=lambda _call: self._fall_silent(turn),
            )

    def _fall_silent(self, turn: int) -> None:
        if turn == self._silence:
            self._finish("")

    def _speak(self, _call: Call, text: str) -> None:
        self._recording.words.append(text)
        seconds = seconds_to_say(text=text)
        self._spoken += seconds
        self._listen(seconds)

    def _press(self, _call: Call, key: str) -> None:
        if key in self._attributes.get("finishOnKey", "1234567890*#"):
            self._finish(key)

    def _finish(self, digits: str) -> None:
        """Go on: with a recording to the action, without one to the next verb, as Twilio does."""
        call = self._call
        fields = self._keep()
        if fields is None:
            plain = replace(self._after, action=None)
            self._stage.go_on(call=call, after=plain, fields={})
        else:
            named = replace(self._after, action=self._action)
            self._stage.go_on(call=call, after=named, fields=fields | {"Digits": digits})

    def _part(self, call: Call, how: Parting) -> None:
        fields = self._keep()
        if fields is not None and how is Parting.HUNG_UP:
            named = replace(self._after, action=self._action)
            self._stage.tell(call=call, after=named, fields=fields | {"Digits": "hangup"})

    def _keep(self) -> dict[str, str] | None:
        """Keep the recording, which is ready a moment later; None if nobody has said anything."""
        recording = self._recording
        recording.updated_at = self._board.agenda.time()
        if not recording.words:
            recording.status = "absent"
            self._announce()
            return None
        most = int(self._attributes.get("maxLength", "3600"))
        recording.seconds = min(max(1, round(self._spoken)), most)
        recording.status = "processing"
        self._board.recordings[recording.sid] = recording
        self._board.agenda.after(seconds=_TO_READY, action=self._ready)
        return {
            "RecordingSid": recording.sid,
            "RecordingUrl": address_of(board=self._board, recording=recording),
            "RecordingDuration": str(recording.seconds),
        }

    def _ready(self) -> None:
        with self._board.lock:
            self._recording.status = "completed"
            self._recording.updated_at = self._board.agenda.time()
            self._announce()

    def _announce(self) -> None:
        recording = self._recording
        events = self._attributes.get("recordingStatusCallbackEvent", "completed").split()
        if self._told is None or recording.status not in events:
            return
        fields = {
            "AccountSid": self._board.settings.account_sid,
            "CallSid": recording.call_sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": address_of(board=self._board, recording=recording),
            "RecordingStatus": recording.status,
            "RecordingDuration": str(recording.seconds),
            "RecordingChannels": "1",
            "RecordingStartTime": rfc2822(at=recording.started_at) or "",
            "RecordingSource": "RecordVerb",
        }
        numbers = (self._call.to, self._call.from_)
        self._stage.lifecycle.send(notice=Notice(recording.sid, numbers, self._told, fields))


def _same_document(stage: Stage, call: Call, verb: Element) -> Hook:
    return Hook(stage.resolve(call=call, url=""), verb.attributes.get("method", "POST"))
