"""Mail that comes back: delivery status notifications as servers write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError
from psephos.registrar.invitations import bounces
from psephos.registrar.invitations.bounces import LARGEST, Bounce, read_bounce

MARK, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2
POSTFIX = f"""From: MAILER-DAEMON@mx.example
To: vote+{MARK}@town.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

<ada@home.example>: host mx.home.example said: 550 5.1.1 unknown user

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Sun, 22 Nov 2026 20:00:00 +0000

Final-Recipient: rfc822; ada@home.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ada@home.example> unknown user

--B
Content-Type: message/rfc822

From: vote@town.example
To: ada@home.example
Message-ID: <{MARK}@town.example>
Subject: Your invitation

Dear Ada
--B--
"""


def read(text: str) -> Bounce:
    return read_bounce(text.replace("\n", "\r\n").encode())


def test_a_notification_names_letter_and_reason() -> None:
    assert read(POSTFIX) == Bounce(MARK, "5.1.1", True)
    assert read_bounce(POSTFIX.encode()) == Bounce(MARK, "5.1.1", True)


def test_the_letter_is_found_by_either_of_its_two_traces() -> None:
    assert read(POSTFIX.replace(f"vote+{MARK}@", "vote@")).mark == MARK
    assert read(POSTFIX.replace(f"<{MARK}@", "<x@")).mark == MARK
    headers = POSTFIX.replace("message/rfc822", "text/rfc822-headers").replace(f"vote+{MARK}@", "vote@")
    assert read(headers).mark == MARK


def test_what_is_still_tried_has_not_come_back() -> None:
    delayed = POSTFIX.replace("Action: failed", "Action: delayed").replace("Status: 5.1.1", "Status: 4.4.1")
    assert read(delayed) == Bounce(MARK, "4.4.1", False)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("message/delivery-status", "text/plain", "one delivery status"),
        ("Status: 5.1.1\n", "", "no status"),
        ("Status: 5.1.1", "Status: bad", "no status"),
        ("Action: failed\n", "", "one recipient"),
        (MARK, "nobody", "names none"),
        (f"<{MARK}@", f"<{OTHER}@", "more than one"),
    ],
)
def test_other_mail_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        read(POSTFIX.replace(old, new))


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 100, b"Subject: Out of office\n\nI am away.", bytes(LARGEST + 1)]
)
def test_whatever_is_no_notification_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_bounce(data)


DEEP = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))
BROKEN = [
    DEEP,
    POSTFIX.replace("5.1.1", "\udcff5.1.1").encode(errors="surrogateescape"),
    POSTFIX.replace(
        "Content-Type: message/delivery-status", "Content-Type: message/delivery-status; charset=x-no"
    ).encode(),
    POSTFIX.replace("Subject: Undelivered", "Subject: =?no-such-charset?Q?=FF?= ").encode(),
    POSTFIX.replace("To: vote", "To: =?utf-8?B?//8?= <").encode(),
    POSTFIX.replace('boundary="B"', "boundary").encode(),
    POSTFIX.replace("Final-Recipient", "Final-Recipient\x00").encode(),
    POSTFIX.replace("--B--", "").encode("utf-16"),
    b"To: " + b"\xf0\x9f" * 1000 + b"\n\n",
    b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n!!!!",
    b"Content-Disposition: attachment; filename*0*=x''%ff; filename*9=b\n\n",
    b"To: a@b:;,<>()(((\nMessage-ID: <" + MARK.encode() + b"\n\n",
]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_broken_mail_is_refused_or_read_and_never_a_crash(data: bytes) -> None:
    with suppress(FormatError):
        assert read_bounce(data).mark == MARK


@given(st.binary(max_size=40), st.integers(0, len(POSTFIX)), st.integers(0, 40))
def test_any_change_of_a_notification_is_refused_or_read(new: bytes, place: int, cut: int) -> None:
    data = POSTFIX.encode()
    with suppress(FormatError):
        read_bounce(data[:place] + new + data[place + cut :])


def test_whatever_the_library_raises_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("unknown encoding")

    monkeypatch.setattr(bounces, "message_from_bytes", fail)
    with pytest.raises(FormatError, match="cannot be read as mail: LookupError"):
        read_bounce(POSTFIX.encode())


def test_two_recipients_are_one_too_many() -> None:
    second = "Final-Recipient: rfc822; b@home.example\nAction: failed\nStatus: 5.1.1\n\n"
    with pytest.raises(FormatError, match="one recipient"):
        read(
            POSTFIX.replace("--B\nContent-Type: message/rfc822", second + "--B\nContent-Type: message/rfc822")
        )
