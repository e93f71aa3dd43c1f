"""Octets in, one answer after another out; no I/O, so that any octets can be tried.

How this works: almost every answer comes in one piece and is ordinary, and the kernel reads it at a glance. All others
come here. httptools (llhttp, strict) finds heads, lengths and chunks, and refuses what is ambiguous, such as two
lengths. What it cannot know is decided here: that interim answers are none, that some answers have no body whatever
their head says, that a body may end with the connection, and that what follows an answer was not asked for.

What a peer can make us hold is bounded by one rule: all that is no body (heads, interim answers, chunk sizes, trailers)
stays below ``max_head_octets`` plus a few octets for each octet of body.

Source: RFC 9112, 6.3 (where a body ends), 9.3 (reuse); RFC 9110, 15.2 (interim answers).
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgcore.errors import MissingExtraError

try:
    from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
except ModuleNotFoundError as error:
    raise MissingExtraError("HttpTransport", "http") from error

# A chunk of one octet comes with five of framing; nobody needs more.
_FRAMING_PER_OCTET = 8

# The names of headers that come again and again, decoded once. It is bounded: a peer could invent names for ever.
_NAMES: dict[bytes, str] = {}
_MOST_NAMES = 512
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class BrokenAnswer(Exception):  # noqa: N818  (it never leaves this package: the connection turns it into ours)
    """What came is no answer, or one that cannot be told from another; the text says why."""


class AnswerReader:
    """Reads the answers of one connection, each from the first octet to the last.

    >>> reader = AnswerReader(max_head_octets=65_536)
    >>> reader.expect()
    >>> reader.feed(b"HTTP/1.1 202 Accepted\\r\\nContent-Length: 2\\r\\n\\r\\n{")
    >>> reader.feed(b"}")
    >>> reader.is_complete, reader.is_reusable, reader.status, reader.headers, reader.take()
    (True, True, 202, {'content-length': '2'}, [b'{', b'}'])
    """

    def __init__(self, max_head_octets: int) -> None:
        self._max_head_octets = max_head_octets
        self._parser = HttpResponseParser(self)
        self._feed = self._parser.feed_data
        self._fields: dict[str, str] = {}  # of the head, or of the trailers, that is being read
        self._pieces: list[bytes] = []
        self.expect()

    def expect(self) -> None:
        """A request goes out: what comes now belongs to its answer."""
        self.status = self.body_octets = self._fed = 0
        self.headers: Mapping[str, str] = _NO_HEADERS
        # Whether the answer is whole, and whether the connection may carry another exchange after it.
        self.is_complete = self.is_reusable = self._is_interim = self._ends_with_connection = False
        self._fault = ""
        if self._pieces:
            self._pieces = []

    def feed(self, data: bytes) -> None:
        """Take in what came.

        Raises:
            BrokenAnswer: it is no answer; what was read before it must not be used either.
        """
        self._fed += len(data)
        try:
            self._feed(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            if not self.is_complete and not self._fault:
                raise BrokenAnswer(f"cannot be read: {error}") from error
            self.is_reusable = False  # the answer is whole, and nobody asked for what follows it
        if self._fed > self._max_head_octets + (_FRAMING_PER_OCTET + 1) * self.body_octets:
            raise BrokenAnswer(f"has more than {self._max_head_octets} octets beside its body")
        if self._fault:
            raise BrokenAnswer(self._fault)

    def end(self) -> None:
        """The peer sends no more, which may be the end of the answer."""
        if self._ends_with_connection:
            self.is_complete = True
        self.is_reusable = False

    def take(self) -> list[bytes]:
        """Return the pieces of the body that were not taken yet."""
        pieces, self._pieces = self._pieces, []
        return pieces

    # ----------------------------------------------------------------------------------------- called by httptools

    def on_message_begin(self) -> None:
        """An answer begins, or something after it."""
        if self.is_complete:
            self.is_reusable = False
        self._fields = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        known = _NAMES.get(name)
        if known is None:
            known = name.decode("latin-1").lower()
            if len(_NAMES) < _MOST_NAMES:
                _NAMES[name] = known
        text = value.decode("latin-1").strip(" \t")
        fields = self._fields
        fields[known] = f"{fields[known]}, {text}" if known in fields else text

    def on_headers_complete(self) -> None:
        """A head is whole: of the answer, or of one before it."""
        if self.is_complete:
            return
        status = self._parser.get_status_code()
        # What may still come after this are trailers, and they are nobody's.
        headers, self._fields = self._fields, {}
        if status < 200:
            self._is_interim = True
            if status == 101:
                self._fault = "switches protocols, which nobody asked for"
            elif _announces_body(headers):
                self._fault = f"is interim ({status}) and announces a body"
            return
        self.status, self.headers = status, headers
        coding = headers.get("transfer-encoding")
        if status in (204, 304):
            # These end with their head, whatever it says. The parser believes what it says.
            self.is_complete = _announces_body(headers)
        elif coding is None:
            self._ends_with_connection = "content-length" not in headers
        elif coding.strip().lower() != "chunked":
            self._fault = f"has the transfer coding {coding[:40]!r}, expected chunked"

    def on_body(self, piece: bytes) -> None:
        """A piece of the body, without chunk sizes."""
        if not self.is_complete:
            self.body_octets += len(piece)
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """The answer is whole, or one before it."""
        if self._is_interim:
            self._is_interim = False
        elif not self.is_complete:
            self.is_complete = True
            self.is_reusable = self._parser.should_keep_alive()


def _announces_body(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" in headers or bool(headers.get("content-length", "").strip("0"))


__all__ = ["AnswerReader", "BrokenAnswer"]
