"""The files of a message, and showing one without trusting it.

What somebody has sent may be a page or a drawing with a script in it, and it would come from the page's own address.
So only pictures made of dots are shown as what they are, under rules that let them do nothing; everything else is a
file to be saved.
"""

from typing import Final
from urllib.parse import quote, unquote

import msgspec
from starlette.responses import Response

from transports.simulator.engine import Engine
from transports.simulator.inspector import Inspected
from transports.simulator.media.store import StoredMedia

PICTURES: Final = frozenset(f"image/{name}" for name in ("bmp", "gif", "jpeg", "pjpeg", "png", "webp", "x-icon"))
_MOST_FILES: Final = 20


class ShownFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message. ``name`` asks for it here; ``None`` for one that lies elsewhere, or is gone."""

    label: str
    name: str | None
    content_type: str | None = None
    octet_count: int | None = None
    is_picture: bool = False


def files_of(inspected: Inspected, engine: Engine, now: float) -> tuple[ShownFile, ...]:
    """Return the files of a message that is remembered."""
    if inspected.direction == "in":
        if not inspected.media:
            return ()
        prefix = f"{inspected.message_id}/"
        files, _ = engine.media.page(now, after=prefix, length=_MOST_FILES)
        found = tuple(_shown(file) for file in files if file.name.startswith(prefix))
        return found or tuple(ShownFile(label=name, name=None) for name in inspected.media)
    return tuple(_linked(url, engine, now) for url in inspected.media)


def _linked(url: str, engine: Engine, now: float) -> ShownFile:
    if engine.media.attached(url, now) is not None:
        file = engine.media.get(unquote(url.removeprefix(engine.media.url(""))), now)
        if file is not None:
            return _shown(file)
    return ShownFile(label=url, name=None)


def _shown(file: StoredMedia) -> ShownFile:
    return ShownFile(
        label=file.name.rpartition("/")[2],
        name=file.name,
        content_type=file.content_type,
        octet_count=len(file.content),
        is_picture=_is_picture(file),
    )


def _is_picture(file: StoredMedia) -> bool:
    return (file.content_type or "").partition(";")[0].strip().lower() in PICTURES


def show(file: StoredMedia) -> Response:
    """Return a file as an answer that a browser can do nothing with but show a picture, or save it."""
    media_type = "application/octet-stream"
    disposition = "attachment; filename*=UTF-8''" + quote(file.name.rpartition("/")[2], safe="")
    if _is_picture(file):
        media_type, disposition = (file.content_type or "").partition(";")[0].strip().lower(), "inline"
    return Response(
        file.content,
        headers={
            "content-disposition": disposition,
            "content-security-policy": "default-src 'none'; sandbox",
            "x-content-type-options": "nosniff",
            "cross-origin-resource-policy": "same-origin",
            "cache-control": "private, max-age=3600",
        },
        media_type=media_type,
    )
