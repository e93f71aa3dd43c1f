"""The page at ``/``: files of this package, served as they are, under rules that let nothing else run.

The files are read once, by their names in the package: a path that is asked for is a key of a table and never a path
of the machine.
"""

from functools import cache
from hashlib import blake2b
from importlib import resources
from typing import Final, NamedTuple

from msgcore.wire.exchange import Response
from transports.simulator.service.asgi import Receive, Scope, Send, headers_of, respond, whole_path
from transports.simulator.service.visitors import Visitors

PAGE_PATH: Final = "/page/"

_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

POLICY: Final = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
))  # fmt: skip
"""Nothing from elsewhere, no script and no style but the files, and no text ever taken for markup or script."""

_HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-cache",
}


class Asset(NamedTuple):
    """A file of the page, and a mark that changes with its content."""

    content: bytes
    content_type: str
    tag: str


class Page:
    """Serves the page. ``origin`` is where the server can be reached."""

    def __init__(self, origin: str) -> None:
        self._visitors = Visitors(origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await respond(send, self._answer(scope))

    def _answer(self, scope: Scope) -> Response:
        path = whole_path(scope)
        if scope["method"] not in ("GET", "HEAD"):
            return _plain(405, "the page is only to be looked at", {"allow": "GET, HEAD"})
        if reason := self._visitors.refusal(scope, by_link=path == "/"):
            return _plain(403, reason)
        asset = assets().get("index.html" if path == "/" else path.removeprefix(PAGE_PATH))
        if asset is None:
            return _plain(404, "there is no such file")
        headers = {**_HEADERS, "content-type": asset.content_type, "etag": asset.tag}
        if headers_of(scope).get("if-none-match") == asset.tag:
            return Response(304, headers, b"")
        return Response(200, headers, asset.content)


@cache
def assets() -> dict[str, Asset]:
    """Return all files of the page by their names below ``/page/``."""
    found: dict[str, Asset] = {}
    folders = [("", resources.files("transports.simulator") / "page")]
    while folders:
        prefix, folder = folders.pop()
        for item in folder.iterdir():
            name = prefix + item.name
            if item.is_dir():
                folders.append((f"{name}/", item))
            elif content_type := _TYPES.get(name.rpartition(".")[2]):
                content = item.read_bytes()
                found[name] = Asset(content, content_type, f'"{blake2b(content, digest_size=12).hexdigest()}"')
    return found


def _plain(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(
        status, {**_HEADERS, "content-type": "text/plain; charset=utf-8", **(headers or {})}, f"{text}\n".encode()
    )
