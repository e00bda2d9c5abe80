"""Gather: prompts that a key interrupts, digits, the time-out and what is submitted."""

from __future__ import annotations

from wellbeing.simulator.records import Call, Hook, Listening
from wellbeing.simulator.speech import utter
from wellbeing.simulator.stage import Stage
from wellbeing.simulator.twiml import Element, TwimlError

_DEFAULT_TIMEOUT = 5.0


def begin(stage: Stage, call: Call, element: Element) -> None:
    """Start to speak the prompts and to listen for keys at the same time."""
    call.run.listening = Listening(element, list(element.children))
    _go_on(stage, call)


def _go_on(stage: Stage, call: Call) -> None:
    listening = call.run.listening
    if listening is None:
        return
    if listening.prompts:
        prompt = listening.prompts.pop(0)
        seconds = utter(board=stage.board, call=call, element=prompt)
        stage.later(call=call, seconds=seconds, action=lambda same: _go_on(stage, same))
    else:
        _wait(stage, call, listening.verb)


def _wait(stage: Stage, call: Call, verb: Element) -> None:
    timeout = verb.attributes.get("timeout", "auto")
    seconds = _DEFAULT_TIMEOUT if timeout == "auto" else float(timeout)
    stage.later(call=call, seconds=seconds, action=lambda same: _time_out(stage, same))


def take(*, stage: Stage, call: Call, listening: Listening, key: str) -> None:
    """Take one key; with the last one the digits are submitted."""
    # A key cuts the prompts short and starts the time-out afresh.
    call.run.epoch += 1
    listening.prompts = []
    attributes = listening.verb.attributes
    if key in attributes.get("finishOnKey", "#"):
        _finish(stage, call, listening)
        return
    listening.digits += key
    if len(listening.digits) == int(attributes.get("numDigits", "0")):
        _submit(stage, call, listening)
    else:
        _wait(stage, call, listening.verb)


def _time_out(stage: Stage, call: Call) -> None:
    if call.run.listening is not None:
        _finish(stage, call, call.run.listening)


def _finish(stage: Stage, call: Call, listening: Listening) -> None:
    submits_nothing = listening.verb.attributes.get("actionOnEmptyResult") == "true"
    if listening.digits or submits_nothing:
        _submit(stage, call, listening)
    else:
        call.run.listening = None
        stage.advance(call=call)


def _submit(stage: Stage, call: Call, listening: Listening) -> None:
    attributes = listening.verb.attributes
    try:
        url = stage.resolve(call=call, url=attributes.get("action", ""))
    except TwimlError as error:
        stage.fail(call=call, url="", error=error)
        return
    method = attributes.get("method", "POST")
    stage.fetch(call=call, hook=Hook(url, method), extra={"Digits": listening.digits})
