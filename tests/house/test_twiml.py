"""Whatever the line can say is a document that Twilio accepts and that leads somewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import twiml as held
from wellbeing.app import ROOT
from wellbeing.carrier import twiml
from wellbeing.policy import loader
from wellbeing.policy.model import Language, Policy
from wellbeing.telephony.steps import (
    Ask,
    ConnectWaiting,
    Dial,
    Document,
    Go,
    HangUp,
    Hold,
    JoinConference,
    Leave,
    Pause,
    Record,
    Reject,
    Say,
    Stay,
    Step,
)

names = st.text("abcdefghijkmnopqrstuvwxyzABC0123456789_-", min_size=1, max_size=60)
paths = names.map(lambda name: f"/twilio/call/{name}/wait")
numbers = st.from_regex(r"\+[1-9][0-9]{9,13}", fullmatch=True)
seconds = st.integers(1, 600)
limits = st.integers(1, 14_400)
says = st.builds(Say, st.text(), st.sampled_from(["zh", "en"]))
asks = st.builds(
    Ask,
    prompts=st.lists(says, max_size=4).map(tuple),
    digits=st.integers(1, 4),
    timeout_s=seconds,
    action=paths,
)
pauses = st.builds(Pause, seconds)
gos = st.builds(Go, paths)
dials = st.builds(
    Dial,
    number=numbers | names.map(lambda name: "client:" + name.replace("-", "_")),
    caller_id=numbers,
    action=paths,
    timeout_s=seconds,
    limit_s=limits,
    screen=st.none() | paths,
)
conferences = st.builds(
    JoinConference,
    name=names,
    action=paths,
    ends_it=st.booleans(),
    status=st.none() | paths,
    muted=st.booleans(),
)
ends: st.SearchStrategy[Step] = st.one_of(
    asks,
    gos,
    st.just(HangUp()),
    st.builds(Hold, queue=names, wait=paths, action=paths),
    st.builds(ConnectWaiting, queue=names, action=paths, timeout_s=seconds, limit_s=limits),
    dials,
    conferences,
    st.builds(Record, action=paths, stored=paths, limit_s=st.integers(1, 3_600)),
)
waiting_ends: st.SearchStrategy[Step] = st.one_of(asks, gos, st.just(HangUp()), st.just(Leave()))
screening_ends: st.SearchStrategy[Step] = st.one_of(asks, gos, st.just(HangUp()))
words: st.SearchStrategy[list[Step]] = st.lists(says | pauses, max_size=4)


def documents(end: st.SearchStrategy[Step]) -> st.SearchStrategy[Document]:
    return st.tuples(words, end).map(lambda parts: (*parts[0], parts[1]))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return loader.load(ROOT / "config")


@given(documents(ends))
def test_whatever_is_said_and_done_is_accepted(document: Document):
    held.fits(twiml.render(document))


@given(documents(waiting_ends))
def test_whoever_waits_hears_only_what_a_queue_allows(document: Document):
    held.fits_waiting(twiml.render(document))


@given(documents(screening_ends))
def test_whoever_is_asked_first_hears_only_what_is_allowed_before_a_bridge(document: Document):
    held.fits_screening(twiml.render(document))


@pytest.mark.parametrize("document", [(Reject(),), (Stay(),), (Leave(),)])
def test_the_shortest_documents_are_accepted(document: Document):
    held.fits(twiml.render(document))


@pytest.mark.parametrize("language", list(Language))
def test_every_sentence_of_the_policy_can_be_spoken(policy: Policy, language: Language):
    for key, sentence in policy.prompts.texts[language].items():
        document = twiml.render((Say(sentence, language.value), HangUp()))

        held.fits_screening(document)
        assert "Say" in document, key


def test_the_fallbacks_are_accepted(policy: Policy):
    caller = twiml.caller_fallback(
        prompts=policy.prompts,
        lifeline=policy.line.lifeline.dialled,
        line_number=policy.line.numbers[0].number,
    )

    held.fits(caller)
    held.fits_waiting(twiml.waiting_fallback(prompts=policy.prompts))
    held.fits_screening(twiml.staff_fallback(prompts=policy.prompts))
    held.fits(twiml.code_fallback(prompts=policy.prompts))
    held.fits_text(twiml.text_fallback(prompts=policy.prompts))
    held.fits_text(twiml.EMPTY_TEXT_REPLY)


BROKEN = {
    "two numbers": "<Dial action='{a}'><Client>a</Client><Number>+8613800000001</Number></Dial>",
    "a short code": "<Dial action='{a}'><Number>12356</Number></Dial>",
    "silence at the end": "<Say language='cmn-CN'>请稍等</Say>",
    "a key that nobody waits for": "<Gather action='{a}'/>",
    "an unknown verb": "<Sing action='{a}'/>",
    "an unknown attribute": "<Hangup loudly='true'/>",
    "an unknown language": "<Say language='zh-XX'>请稍等</Say><Hangup/>",
    "words after the end": "<Hangup/><Say language='cmn-CN'>再见</Say>",
    "a verb in the wrong place": "<Number>+8613800000001</Number>",
    "somebody else's address": "<Redirect>https://elsewhere.test/</Redirect>",
    "nothing said": "<Say language='cmn-CN'> </Say><Hangup/>",
}


@pytest.mark.parametrize("inside", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_document_would_be_found(inside: str):
    action = "/twilio/x#rc=2&amp;rp=ct,5xx,rt&amp;ct=1000&amp;rt=3500"
    document = f'<?xml version="1.0"?><Response>{inside.format(a=action)}</Response>'

    with pytest.raises(held.TwimlBroken):
        held.fits(document)


@pytest.mark.parametrize("verb", ["Dial", "Record", "Leave"])
def test_what_may_not_be_done_before_a_bridge_would_be_found(verb: str):
    action = (
        ""
        if verb == "Leave"
        else " action='/twilio/x#rc=2&amp;rp=ct,5xx,rt&amp;ct=1000&amp;rt=3500'"
    )
    inside = "<Number>+8613800000001</Number>" if verb == "Dial" else ""
    document = f'<?xml version="1.0"?><Response><{verb}{action}>{inside}</{verb}></Response>'

    held.fits(document)
    with pytest.raises(held.TwimlBroken):
        held.fits_screening(document)
