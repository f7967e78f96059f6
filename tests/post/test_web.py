"""A post over HTTP whose server is on its way out."""

from __future__ import annotations

import http.client
from unittest.mock import patch

from psephos.post.web import WebPost


def test_a_server_that_goes_while_it_is_connected_to_is_away() -> None:
    """The connection is reset before there is one: nothing was asked, and nothing can be read."""
    with patch.object(http.client.HTTPConnection, "connect", side_effect=ConnectionResetError):
        assert WebPost("http://127.0.0.1:9").exchange(b"request") is None
