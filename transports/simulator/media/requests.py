"""The media part of the API: list, upload, download, delete.

The body of an upload is the file, not multipart and not JSON. A name may hold slashes, raw or as ``%2F``; the id of an
inbound attachment, ``{messageId}/{index}/{fileName}``, is only found with raw ones, as with the provider.

Source: Messaging V2 API, media. Ranges: RFC 9110, 14.
"""

import re
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Final
from urllib.parse import unquote

import msgspec

from msgcore.wire.exchange import Request, Response
from transports.simulator import answers
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.profiles import Profile
from transports.simulator.answers import JSON_HEADERS
from transports.simulator.media.store import MediaStore, StoredMedia

_ONE_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")
_ALLOWED: Final = "GET, PUT, DELETE"


class MediaApi:
    """Answers what is asked of ``media`` and below, for one account."""

    __slots__ = ("_account", "_profile", "_store")

    def __init__(self, store: MediaStore, account: Account, profile: Profile) -> None:
        self._store = store
        self._account = account
        self._profile = profile

    def handle(self, request: Request, body: bytes, now: float) -> Response:
        """Answer a request whose path is ``media`` or begins with ``media/``."""
        _, _, encoded_name = request.path.partition("/")
        if request.path == "media":
            return self._list(request, now)
        if not encoded_name:
            return answers.not_found(request.path, self._account.id, now)
        if request.method not in ("GET", "PUT", "DELETE"):
            return answers.method_not_allowed(
                request.method, _ALLOWED, request.path, self._account.id, now, self._profile
            )
        try:
            name = unquote(encoded_name, errors="strict")
            name.encode()
        except (UnicodeDecodeError, UnicodeEncodeError):
            return answers.invalid_message("the name of the media is not UTF-8")
        if request.method == "PUT":
            return self._upload(request, name, body, now)
        file = self._store.get(name, now)
        takes_encoded = self._account.settings.accepts_encoded_slashes
        if file is None or (file.inbound and "%2f" in encoded_name.lower() and not takes_encoded):
            return answers.not_found(request.path, self._account.id, now)
        if request.method == "DELETE":
            self._store.remove(name)
            return Response(204)
        return _download(file, request.headers.get("range", ""))

    def _list(self, request: Request, now: float) -> Response:
        if request.method != "GET":
            return answers.method_not_allowed(request.method, "GET", request.path, self._account.id, now, self._profile)
        accept = request.headers.get("accept", "")
        if not answers.accepts_json(accept):
            return answers.not_acceptable(accept, request.path, self._account.id, now, self._profile)
        after = None
        if token := request.headers.get("continuation-token", ""):
            after = _read_token(token)
            if after is None:
                return answers.invalid_message("the continuation token is none of ours")
        files, has_more = self._store.page(now, after)
        items = [
            {"content": self._store.url(file.name), "contentLength": len(file.content), "mediaName": file.name}
            for file in files
        ]
        headers = {"continuation-token": _token(files[-1].name)} if has_more else {}
        return Response(200, JSON_HEADERS | headers, msgspec.json.encode(items))

    def _upload(self, request: Request, name: str, body: bytes, now: float) -> Response:
        if len(body) > self._profile.file_bytes:
            return answers.too_large(len(body), self._profile.file_bytes)
        if not self._store.fits(name, body, now):
            return answers.no_room(len(body), self._store.room(now), self._store.seconds_until_room(now))
        headers = request.headers
        self._store.put(
            name,
            body,
            now=now,
            content_type=headers.get("content-type") or None,
            cache_control=headers.get("cache-control") or None,
        )
        return Response(204)


def _download(file: StoredMedia, range_header: str) -> Response:
    content = file.content
    # "Described as application/octet-stream; in practice the stored type comes back."
    headers = {"content-type": file.content_type or "application/octet-stream", "accept-ranges": "bytes"}
    if file.cache_control:
        headers["cache-control"] = file.cache_control
    match = _ONE_RANGE.fullmatch(range_header.strip())
    # RFC 9110, 14.2: "A server MAY ignore the Range header field", and must where it does not understand it.
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        return Response(200, headers, content)
    if match[3]:
        first, last = max(0, len(content) - int(match[3])), len(content) - 1
        if not int(match[3]):
            return answers.range_not_satisfiable(len(content))
    else:
        first = int(match[1])
        last = min(int(match[2]) if match[2] else len(content) - 1, len(content) - 1)
    if first > last:
        return answers.range_not_satisfiable(len(content))
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(206, headers, content[first : last + 1])


def _token(name: str) -> str:
    return urlsafe_b64encode(name.encode()).decode()


def _read_token(token: str) -> str | None:
    try:
        return b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (Base64Error, UnicodeError, ValueError):
        return None
