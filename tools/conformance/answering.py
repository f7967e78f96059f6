"""How the two implementations of this repository answer: a function per kind, a line per question."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

Object = dict[str, Any]
Answer = Callable[[Object], Object | bool]
"""From the members of a question: whether it is accepted, or what it gives."""


def answer(answers: dict[str, Answer], refusals: tuple[type[Exception], ...], question: Object) -> Object:
    """The answer to one question, without its `id`."""
    kind = question["kind"]
    if kind not in answers:
        return {"unknown": kind}
    try:
        given = answers[kind](question)
    except refusals:
        return {"valid": False}
    if kind == "record":
        assert isinstance(given, dict)
        return given
    return {"valid": given} if isinstance(given, bool) else {"valid": True, **given}


def serve(answers: dict[str, Answer], *refusals: type[Exception]) -> None:
    """Answers every line of standard input."""
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps({"id": question["id"], **answer(answers, refusals, question)}), flush=True)


def finding(report: Object) -> Object:
    """What a report says that must be the same of all verifiers: all but titles and messages."""
    stopped = [check for check in report["checks"] if check["status"] in ("failed", "missing")]
    return {
        "verdict": report["verdict"],
        "phase": report["phase"],
        "stopped": {"check": stopped[0]["check"], "culprit": stopped[0].get("culprit")} if stopped else None,
        "void": [[void["entry"], void["check"], void["culprit"]] for void in report["void"]],
        "notices": [[notice["entry"], notice["check"]] for notice in report["notices"]],
        "afterwards": [[late["entry"], late["check"], late["culprit"]] for late in report["afterwards"]],
        "checks": {
            check["check"]: [check["status"], check["count"]]
            for check in report["checks"]
            if check["status"] != "not reached"
        },
        "result": report["result"],
    }
