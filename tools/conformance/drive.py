"""Holds an implementation of the specification, in any language, to the vectors. docs/implementing.md

    python3 tools/conformance/drive.py [--kinds a,b] [--scenario NAME] [--seconds N] COMMAND...

COMMAND is started once. It gets a line of JSON per vector on standard input and answers each with a line of
JSON on standard output. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import Any

from candidate import Candidate, Unusable
from questions import Question, of_kinds, questions

AGREED, DISAGREED, NOT_DONE, NOT_ANSWERED = "agreed", "disagreed", "not done", "not answered"
OUTCOMES = (AGREED, DISAGREED, NOT_DONE, NOT_ANSWERED)
SHOWN = 400
"""Characters of an expected or given answer in a line."""


def text_of(value: object) -> str:
    """JSON in one form, so that `1`, `1.0` and `true` differ, and any terminal can show it."""
    return json.dumps(value, sort_keys=True)


def shown(value: object) -> str:
    text = text_of(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def difference(expected: dict[str, Any], answer: dict[str, Any]) -> str:
    """The members in which two answers differ: what was expected, what was answered."""
    wanted, given = apart(expected, answer)
    return f"expected {shown(wanted)}, answered {shown(given)}"


def apart(expected: Any, answer: Any) -> tuple[Any, Any]:
    """Both without the members, however deep, that are the same."""
    if not (isinstance(expected, dict) and isinstance(answer, dict)):
        return expected, answer
    shared = expected.keys() & answer.keys()
    differ = {
        name: apart(expected[name], answer[name])
        for name in shared
        if text_of(expected[name]) != text_of(answer[name])
    }
    wanted = {name: value for name, value in expected.items() if name not in shared}
    given = {name: value for name, value in answer.items() if name not in shared}
    return (
        wanted | {name: pair[0] for name, pair in differ.items()},
        given | {name: pair[1] for name, pair in differ.items()},
    )


def judge(question: Question, answer: dict[str, Any]) -> str:
    """The outcome of one answer; a disagreement is printed."""
    if answer == {"unknown": question.kind}:
        return NOT_DONE
    if text_of(answer) == text_of(question.expected):
        return AGREED
    print(f"{question.name}: {difference(question.expected, answer)}")
    return DISAGREED


def drive(command: list[str], asked: list[Question], seconds: float) -> dict[str, Counter[str]]:
    """Asks all questions, and counts the outcomes per kind. What cannot be asked is not answered."""
    counts: dict[str, Counter[str]] = {question.kind: Counter() for question in asked}
    answered = 0
    try:
        candidate = Candidate(command, seconds)
        try:
            for number, question in enumerate(asked):
                answer = candidate.ask(number, question.kind, question.asked)
                counts[question.kind][judge(question, answer)] += 1
                answered += 1
        finally:
            candidate.close()
    except Unusable as error:
        print(f"{asked[answered].name}: {error}")
    for question in asked[answered:]:
        counts[question.kind][NOT_ANSWERED] += 1
    return counts


def summary(counts: dict[str, Counter[str]]) -> str:
    """A line per kind, and a last one of all kinds."""
    rows = [*counts.items(), ("all", sum(counts.values(), Counter()))]
    return "\n".join(f"{kind}: {counted(row)}" for kind, row in rows)


def counted(row: Counter[str]) -> str:
    """Every outcome that there was, and how many agreed even where that is none."""
    return ", ".join(f"{row[outcome]} {outcome}" for outcome in OUTCOMES if row[outcome] or outcome == AGREED)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Holds an implementation to the vectors.")
    parser.add_argument("--kinds", help="only these kinds of vectors, joined by commas")
    parser.add_argument("--scenario", help="of the records only those of this scenario, such as whole")
    parser.add_argument("--seconds", type=float, default=120, help="time limit of an answer (default: 120)")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the implementation")
    options = parser.parse_args(arguments)
    if not options.command:
        parser.error("expected the command that starts the implementation, such as: ./my-verifier answer")
    try:
        asked = of_kinds(options.kinds and options.kinds.split(","), questions(scenario=options.scenario))
    except KeyError as error:
        unknown, known = error.args
        parser.error(f"--kinds: no vectors of {unknown}; expected some of: {known}")
    counts = drive(options.command, asked, options.seconds)
    print(summary(counts))
    return 0 if all(row.keys() <= {AGREED} for row in counts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
