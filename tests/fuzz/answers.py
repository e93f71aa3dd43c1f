"""Answers over HTTP: what is read at a glance is just what a grammar says is ordinary and whole."""

from msgcore.kernel.answers import read_whole_answer
from tests.fuzz.target import Target
from tests.reference import answers as reference

MOST_OCTETS = 400

SEEDS = (
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\ncontent-length: 2\r\nserver:\r\n\r\n{}",
    b"HTTP/1.1 429 Too Many Requests\r\nretry-after:\t 3 \t\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 200 \r\nx-request-id: 0a1b2c3d4e5f0a1b2c3d\r\nContent-Length:5\r\nx: \xe9\xff\r\n\r\nab\r\n\0",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc",
    b"HTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\n\r\n",
)

TROUBLE = (
    b"\r\n", b"\n", b"\r", b"\r\n ", b"\0", b"\x7f", b"\t", b":", b" ", b"\r\n\r\n", b"HTTP/1.0",
    b"content-length: 2\r\n", b"trailer: x\r\n", b"Upgrade: h2c\r\n", b"Proxy-Connection: close\r\n",
    b"10", b"+2", b"0x2", b"\xb2", b"1000000000", b"y" * 64 + b":", b"y" * 65 + b":", b"z" * 300,
)  # fmt: skip


def check_whole_answer(data: bytes) -> None:
    assert read_whole_answer(data, MOST_OCTETS) == reference.read_whole_answer(data, MOST_OCTETS)


TARGETS: dict[str, Target] = {"whole_answer": Target(check_whole_answer, SEEDS)}
