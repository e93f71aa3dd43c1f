"""The media of an account: in memory, for 48 hours, and then gone.

Names are keys of a table and nothing else: no name is ever a path of the machine that runs this.

All files together have a limit, which the provider's have not: this is memory. What does not fit is refused. To let the
oldest go instead would break what was promised for them, and a message that names one would fail for no visible reason.

Source: Messaging V2 API, media; the content types are those of the current API description.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from msgcore.errors import LocalError

RETENTION_SECONDS: Final = 48 * 3600
PAGE_LENGTH: Final = 1000
DEFAULT_MEDIA_LIMIT: Final = 256 * 2**20
"""Octets that the files of an account may take, all together."""
_FILE_OCTETS: Final = 1024
"""What a file takes beside its name and its content, generously: empty files must not be free."""

_APPLICATION: Final = "json ogg pdf rtf zip x-tar xml gzip x-bzip2 x-gzip smil javascript"
_AUDIO: Final = "mp4 mpeg ogg flac webm wav amr 3gpp"
_IMAGE: Final = "bmp gif heic heif jpeg pjpeg png svg+xml tiff webp x-icon"
_TEXT: Final = "css csv calendar html plain javascript vcard vnd.wap.wml xml"
_VIDEO: Final = "avi mp4 mpeg ogg quicktime webm x-ms-wmv x-flv"

CONTENT_TYPES: Final = frozenset(
    f"{group}/{name}"
    for group, names in (
        ("application", _APPLICATION),
        ("audio", _AUDIO),
        ("image", _IMAGE),
        ("text", _TEXT),
        ("video", _VIDEO),
    )
    for name in names.split()
)
"""What may be attached: the 48 types of the API description."""

# A name with a lone surrogate could never be asked for again: no URL can carry it.
_UNSPEAKABLE: Final = re.compile("[\ud800-\udfff]")


class StoredMedia(NamedTuple):
    """A file: its content lives as long as this record."""

    name: str
    content: bytes
    content_type: str | None
    cache_control: str | None
    stored_at: float
    inbound: bool

    def __repr__(self) -> str:
        return f"StoredMedia(name={self.name!r}, content_type={self.content_type!r}, {len(self.content)} octets)"


class Attached(NamedTuple):
    """What the provider finds behind a URL of its own: ``size`` is ``None`` when nothing is there (any more)."""

    size: int | None
    is_allowed: bool


class MediaStore:
    """Files by name.

    >>> store = MediaStore("https://example.org/api/v2/users/9900000/media/")
    >>> store.put("menu/today.png", b"...", now=0.0, content_type="image/png")
    >>> store.url("menu/today.png")
    'https://example.org/api/v2/users/9900000/media/menu/today.png'
    >>> store.get("menu/today.png", now=1.0).content_type, store.get("menu/today.png", now=48 * 3600.0)
    ('image/png', None)

    ``limit`` is how many octets all of them may take.
    """

    __slots__ = ("_files", "_octet_count", "_prefix", "limit")

    def __init__(self, prefix: str, limit: int = DEFAULT_MEDIA_LIMIT) -> None:
        self._prefix = prefix
        self.limit = limit
        self._files: dict[str, StoredMedia] = {}  # oldest first, since what is written again moves to the end
        self._octet_count = 0

    @property
    def octet_count(self) -> int:
        """How much memory the files take."""
        return self._octet_count

    def room(self, now: float) -> int:
        """Return how many octets are left."""
        self.purge(now)
        return self.limit - self._octet_count

    def fits(self, name: str, content: bytes, now: float) -> bool:
        """Whether a file can be kept, in the place of one of the same name if there is one."""
        replaced = self._files.get(name)
        freed = 0 if replaced is None else octets_of(name, replaced.content)
        return octets_of(name, content) <= self.room(now) + freed

    def seconds_until_room(self, now: float) -> float:
        """Return after which time the oldest file goes; 0 where there is none."""
        oldest = next(iter(self._files.values()), None)
        return 0.0 if oldest is None else max(0.0, oldest.stored_at + RETENTION_SECONDS - now)

    def put(
        self,
        name: str,
        content: bytes,
        *,
        now: float,
        content_type: str | None = None,
        cache_control: str | None = None,
        inbound: bool = False,
    ) -> None:
        """Keep a file for 48 hours; one of the same name is replaced. LocalError where it does not fit."""
        if not name or _UNSPEAKABLE.search(name):
            raise LocalError(f"name: expected text that a URL can carry, got {name!r}")
        if not self.fits(name, content, now):
            raise LocalError(f"media {name!r}: {octets_of(name, content)} octets, but {self.room(now)} are left")
        self.remove(name)
        self._files[name] = StoredMedia(name, content, content_type, cache_control, now, inbound)
        self._octet_count += octets_of(name, content)

    def get(self, name: str, now: float) -> StoredMedia | None:
        """Return a file, ``None`` where there is none or its time is over."""
        self.purge(now)
        return self._files.get(name)

    def remove(self, name: str) -> bool:
        """Delete a file; returns whether there was one."""
        file = self._files.pop(name, None)
        if file is None:
            return False
        self._octet_count -= octets_of(name, file.content)
        return True

    def page(self, now: float, after: str | None = None, length: int = PAGE_LENGTH) -> tuple[list[StoredMedia], bool]:
        """Return files in the order of their names, those behind ``after``, and whether there are more."""
        self.purge(now)
        names = sorted(name for name in self._files if after is None or name > after)
        return [self._files[name] for name in names[:length]], len(names) > length

    def purge(self, now: float) -> None:
        """Drop what is 48 hours old."""
        for name in list(self._old(now)):
            self.remove(name)

    def clear(self) -> None:
        """Drop everything."""
        self._files.clear()
        self._octet_count = 0

    def url(self, name: str) -> str:
        """Return where a file is: slashes stay, everything else that a URL cannot hold is percent-encoded.

        A client takes ``..`` between slashes for a direction and asks for something else: beside it they do not stay.
        """
        has_directions = not {".", ".."}.isdisjoint(name.split("/"))
        return self._prefix + quote(name, safe="" if has_directions else "/")

    def attached(self, url: str, now: float) -> Attached | None:
        """Return what lies behind the URL of an attachment, ``None`` where that is somebody else's place."""
        if not url.startswith(self._prefix):
            return None
        file = self.get(unquote(url.removeprefix(self._prefix)), now)
        if file is None:
            return Attached(None, is_allowed=False)
        media_type = (file.content_type or "").partition(";")[0].strip().lower()
        return Attached(len(file.content), media_type in CONTENT_TYPES)

    def _old(self, now: float) -> Iterator[str]:
        for name, file in self._files.items():
            if file.stored_at + RETENTION_SECONDS > now:
                return
            yield name


def octets_of(name: str, content: bytes) -> int:
    """Return what a file counts for."""
    return _FILE_OCTETS + len(name) + len(content)
