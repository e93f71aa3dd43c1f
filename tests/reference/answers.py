"""An ordinary HTTP answer that came whole, in plain Python: a grammar, and what else has to be so."""

import re

# RFC 9112, 4 and 5; RFC 9110, 5.5 (what a value holds) and 5.6.2 (tokens).
_TEXT = rb"[\t\x20-\x7e\x80-\xff]*"
_FIELD = rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):(" + _TEXT + rb")\r\n"
_ANSWER = re.compile(rb"HTTP/1\.1 ([0-9]{3}) " + _TEXT + rb"\r\n((?:" + _FIELD + rb")*)\r\n(.*)", re.DOTALL)

_MOST_FIELDS = 32
_NOT_ORDINARY = {"connection", "proxy-connection", "trailer", "transfer-encoding", "upgrade"}


def read_whole_answer(data: bytes, most_octets: int) -> tuple[int, dict[str, str], bytes] | None:
    found = _ANSWER.fullmatch(data)
    if found is None or len(data) > most_octets:
        return None
    status, body = int(found[1]), found[5]
    fields = [
        (name.decode().lower(), value.decode("latin-1").strip(" \t")) for name, value in re.findall(_FIELD, found[2])
    ]
    headers = dict(fields)
    if status < 200 or status in (204, 304) or len(headers) < len(fields) or _NOT_ORDINARY & headers.keys():
        return None
    if len(fields) > _MOST_FIELDS:
        return None
    length = headers.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) != len(body):
        return None
    return status, headers, body


__all__ = ["read_whole_answer"]
