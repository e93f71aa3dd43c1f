"""Ordinary answers over HTTP are read at a glance, and nothing else is."""

import copy
import pickle
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.kernel.answers import Headers, read_whole_answer
from tests.fuzz.answers import SEEDS, TROUBLE
from tests.fuzz.damage import damaged
from tests.reference import answers as reference

HEAD = b"HTTP/1.1 202 Accepted\r\n"


def read(*lines: bytes, body: bytes = b"") -> tuple[int, Mapping[str, str], bytes] | None:
    return read_whole_answer(HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body, 65_536)


def test_an_ordinary_answer_is_read_whole() -> None:
    assert read(b"Server:x", b"CONTENT-LENGTH: \t3 ", b"empty:", b"latin: \xe9", b"tab: a\tb", body=b"a\r\0") == (
        202,
        {"server": "x", "content-length": "3", "empty": "", "latin": "é", "tab": "a\tb"},
        b"a\r\0",
    )


def test_a_body_may_be_as_long_as_the_whole_may() -> None:
    answer = HEAD + b"content-length: 70000\r\n\r\n" + b"x" * 70_000
    assert read_whole_answer(answer, len(answer)) == (202, {"content-length": "70000"}, b"x" * 70_000)
    assert read_whole_answer(answer, len(answer) - 1) is None


@pytest.mark.parametrize(
    "line",
    [
        b"connection: keep-alive",
        b"Transfer-Encoding: chunked",
        b"trailer: x",
        b"upgrade: h2c",
        b"proxy-connection: close",
        b"content-length: 2",
        b" goes on: from the line before",
        b"no colon",
        b": no name",
        b"bl ank: x",
        b"blank : x",
        b"n\xe4me: x",
        b"y" * 65 + b": x",
        b"nul: \0",
        b"del: \x7f",
        b"lf: a\nb: c",
        b"cr: a\rb",
    ],
)
def test_what_takes_thought_is_left_to_others(line: bytes) -> None:
    assert read(b"content-length: 2", body=b"ab") is not None
    assert read(b"content-length: 2", line, body=b"ab") is None
    assert read(line, b"content-length: 2", body=b"ab") is None


@pytest.mark.parametrize("length", [b"", b"3", b"1", b"+2", b"-2", b"2 2", b"2,2", b"0x2", b"\xb2", b"1000000002"])
def test_a_length_that_is_not_that_of_the_body_is_left_to_others(length: bytes) -> None:
    assert read(b"content-length: " + length, body=b"ab") is None
    assert read(body=b"ab") is None


@pytest.mark.parametrize(
    "status_line",
    [b"HTTP/1.0 202 A", b"HTTP/1.1 100 A", b"HTTP/1.1 204 A", b"HTTP/1.1 304 A", b"HTTP/1.1 20 A", b"HTTP/1.1 2020 A",
     b"HTTP/1.1 202", b"HTTP/1.1  202 A", b"http/1.1 202 A", b"HTTP/1.1 202 \0", b"HTTP/1.1 202 \x7f", b""],
)  # fmt: skip
def test_another_status_line_is_left_to_others(status_line: bytes) -> None:
    assert read_whole_answer(status_line + b"\r\ncontent-length: 0\r\n\r\n", 1000) is None


def test_an_answer_that_is_cut_anywhere_is_left_to_others() -> None:
    answer = HEAD + b"server: x\r\ncontent-length: 12\r\n\r\n" + b"twelve bytes"
    assert read_whole_answer(answer, 1000) is not None
    assert [read_whole_answer(answer[:end], 1000) for end in range(len(answer))] == [None] * len(answer)
    assert read_whole_answer(answer + b"\n", 1000) is None


@pytest.mark.parametrize("octet", range(256))
def test_every_octet_counts_wherever_it_stands_in_a_word(octet: int) -> None:
    for before in range(9):
        for after in (0, 9):
            filling = b"v" * before + bytes((octet,)) + b"v" * after
            answer = HEAD + b"x: " + filling + b"\r\ncontent-length: 0\r\n\r\n"
            assert read_whole_answer(answer, 1000) == reference.read_whole_answer(answer, 1000)


@given(damaged(SEEDS, TROUBLE), st.integers(0, 200))
def test_the_glance_takes_just_what_the_grammar_says(octets: bytes, most_octets: int) -> None:
    assert read_whole_answer(octets, 400) == reference.read_whole_answer(octets, 400)
    assert read_whole_answer(octets, most_octets) == reference.read_whole_answer(octets, most_octets)


def test_more_lines_than_are_ordinary_are_left_to_others() -> None:
    lines = [b"x-%d: x" % number for number in range(31)]
    assert read(b"content-length: 0", *lines) is not None
    assert read(b"content-length: 0", *lines, b"one: more") is None


@given(damaged(SEEDS, TROUBLE), st.text(max_size=20))
def test_headers_are_a_mapping_like_any_other(octets: bytes, stranger: str) -> None:
    if (expected := reference.read_whole_answer(octets, 400)) is None:
        return
    whole = read_whole_answer(octets, 400)
    assert whole is not None
    headers, fields = whole[1], expected[1]
    assert isinstance(headers, Mapping)
    assert headers == fields
    assert fields == headers
    assert headers == read_whole_answer(bytes(bytearray(octets)), 400)[1]  # type: ignore[index]
    assert headers != {**fields, "another": ""}
    assert (list(headers), [*headers.keys()], [*headers.values()]) == ([*fields], [*fields], [*fields.values()])
    assert (dict(headers), len(headers), repr(headers)) == (fields, len(fields), repr(fields))
    assert pickle.loads(pickle.dumps(headers)) == copy.deepcopy(headers) == fields
    for name in (*fields, *(name.upper() for name in fields), stranger, "\ud800", "server\0"):
        assert (name in headers, headers.get(name), headers.get(name, "none")) == (
            name in fields,
            fields.get(name),
            fields.get(name, "none"),
        )
    for name in fields:
        assert headers[name] == fields[name]
    with pytest.raises(KeyError, match="absent"):
        headers["absent"]
    with pytest.raises(TypeError, match="unhashable"):
        hash(headers)


def test_headers_are_read_and_not_made() -> None:
    with pytest.raises(TypeError, match="read, and not made"):
        Headers()
    unread = Headers.__new__(Headers)  # which a sanitizer sees read no octet that is not its own
    assert dict(unread) == {}
    assert unread.get("server") is None
