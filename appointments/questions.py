"""What a service asks when it is booked, in the forms of pages: a field for each question."""

from collections.abc import Mapping, Sequence
from typing import Any

LONGEST_ANSWER = 1000
_FIELD = "answer-"


def field_of(question_id: str) -> str:
    """The name of the form's field for a question."""
    return f"{_FIELD}{question_id}"


def answers_in(form: Mapping[str, Any]) -> dict[str, str]:
    """What was answered, by the questions' ids; no longer than an answer may be."""
    return {
        name.removeprefix(_FIELD): str(text)[:LONGEST_ANSWER]
        for name, text in form.items()
        if name.startswith(_FIELD) and text
    }


def asked(
    questions: Sequence[Mapping[str, Any]], answers: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The questions as a page shows them, with what was typed so far."""
    return [
        {
            "name": field_of(question["id"]),
            "label": question["label"],
            "required": question["required"],
            "value": answers.get(question["id"], ""),
        }
        for question in questions
    ]
