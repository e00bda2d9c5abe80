"""The site's own model: learns from labels, is tested on others, carries no text."""

from __future__ import annotations

import json

import pytest

from wellbeing.policy.model import RiskLevel
from wellbeing.triage.rules import ngrams
from wellbeing.triage.rules.ngrams import NotAModel, TooFewLabels
from wellbeing.triage.rules.tables import Labelled, Text


def labels(count: int) -> list[Labelled]:
    return [
        Labelled(
            text=Text(
                id=f"m{number}",
                conversation="",
                turn=1,
                text=f"{number}号说心里很苦" if number % 2 else f"{number}号问几点开门",
            ),
            level=RiskLevel.HIGH if number % 2 else RiskLevel.LOW,
            marks=frozenset(),
            part="",
        )
        for number in range(count)
    ]


def test_what_was_called_urgent_scores_higher():
    model = ngrams.train(labelled=labels(200))

    assert ngrams.score(model=model, text="今天心里很苦") > 0.5
    assert ngrams.score(model=model, text="请问几点开门") < 0.5
    assert (model.recall, model.precision) == (1.0, 1.0)


def test_nothing_is_tested_that_was_learned():
    model = ngrams.train(labelled=labels(200))
    held = sum(ngrams.is_held(one=one) for one in labels(200))

    assert (model.learned_from, model.held) == (200 - held, held)


def test_a_training_can_be_repeated():
    documents = [ngrams.to_document(model=ngrams.train(labelled=labels(120))) for _ in range(2)]

    assert documents[0] == documents[1]


def test_a_model_survives_its_file_and_holds_no_text():
    model = ngrams.train(labelled=labels(120))

    written = json.dumps(ngrams.to_document(model=model), ensure_ascii=False)
    read = ngrams.from_document(document=json.loads(written))

    assert "心里" not in written
    assert ngrams.score(model=read, text="心里很苦") == pytest.approx(
        ngrams.score(model=model, text="心里很苦"), abs=0.01
    )


def test_too_few_labels_are_refused():
    with pytest.raises(TooFewLabels):
        ngrams.train(labelled=labels(30))


@pytest.mark.parametrize(
    "document", [None, {}, {"format": "other"}, {"format": ngrams.FORMAT, "bias": "x"}]
)
def test_a_file_of_another_kind_is_no_model(document: object):
    with pytest.raises(NotAModel):
        ngrams.from_document(document=document)
