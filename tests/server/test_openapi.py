"""The OpenAPI document tells the truth: requests made from it, right and wrong, are answered as it says."""

from __future__ import annotations

import copy
import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from psephos.server.application import HANDLED, application
from psephos.server.config import ServerConfig
from psephos.server.listening import Listener
from psephos.server.openapi import DOCUMENT
from psephos.server.pages.page_data import PageData
from psephos.server.pages.snapshot import take
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import held


class Echo:
    """Answers what is long with itself, and leaves the rest waiting until it is withdrawn."""

    largest = 4096

    def __init__(self) -> None:
        self._kept: dict[str, bytes | None] = {}

    async def exchange(self, data: bytes, timeout: float, sender: bytes = b"") -> bytes | None:
        answer = data if len(data) > 2 else None
        self._kept[sha256(data).hexdigest()] = answer
        return answer

    def longest(self, beginning: bytes) -> int:
        return self.largest

    def price(self, data: bytes) -> int:
        return 1

    def answered(self, name: str) -> bytes | None:
        return self._kept.get(name)

    def waits(self, name: str) -> bool:
        return name in self._kept and self._kept[name] is None

    def withdraw(self, name: str) -> None:
        self._kept.pop(name, None)

    def sweep(self, now: float) -> None:
        """Nothing is old here."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("served")
    document, keys = sample(regions=("piraeus",))
    referendum = held(document, keys, {0: [[1, 0]] * 3}, [(0, 0, 1, 1, [0, 1])])
    pin, boxes = referendum.export(directory), {"board": Echo(), "registrar": Echo()}
    site = ServerConfig(directory / "record", pin.encode(), boxes, PageData(take(referendum.record)))
    listener = Listener(application(site), "127.0.0.1", 0)
    listener.start()
    yield f"http://127.0.0.1:{listener.port}"
    listener.stop()


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_answers_are_those_of_the_document(operation: Any, mode: GenerationMode, url: str) -> None:
    tried = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        tried.append(case.call_and_validate(base_url=url))

    try:
        ask()
    except Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE
        assert not operation.path_parameters  # nothing can be wrong there
    else:
        assert tried
        refused = [one for one in tried if one.status_code >= HTTPStatus.BAD_REQUEST]
        assert all(one.json()["detail"] and one.json()["instance"].startswith("/") for one in refused)
        assert refused or mode == GenerationMode.POSITIVE


def test_whatever_is_there_for_programs_is_in_the_document() -> None:
    files = {"/style.css", "/icon.svg", "/booth/{name:str}"}
    for_people = files | {"/", "/booth", "/{language:str}", "/{language:str}/{page:str}"}
    for_people |= {"/{language:str}/log", "/{language:str}/log/{index:int}"}
    paths = {path for handler in HANDLED for path in handler.paths}
    assert for_people < paths
    documented = {re.sub(r"\{.*?\}", "{}", path) for path in DOCUMENT["paths"]}
    for path in paths - for_people - {"/log/{path:path}"}:  # whose files are documented one by one
        assert re.sub(r"\{.*?\}", "{}", path) in documented


def test_a_document_that_lies_is_caught(url: str) -> None:
    lie = copy.deepcopy(DOCUMENT)
    del lie["paths"]["/log/blob/{id}"]["get"]["responses"]["404"]
    operation = schemathesis.openapi.from_dict(lie)["/log/blob/{id}"]["GET"]
    with pytest.raises(FailureGroup, match="Undocumented status code"):
        operation.Case(path_parameters={"id": "0" * 64}).call_and_validate(base_url=url)


def test_the_document_is_served(url: str) -> None:
    with closing(http.client.HTTPConnection(url.removeprefix("http://"))) as connection:
        connection.request("GET", "/openapi.json")
        assert json.loads(connection.getresponse().read()) == DOCUMENT
