"""How a simulator is to run, and what it is when it runs."""

from pathlib import Path
from typing import Final

import msgspec

from transports.simulator.accounts.profiles import V2_NOW
from transports.simulator.media.store import DEFAULT_MEDIA_LIMIT
from transports.simulator.search.history import DEFAULT_HISTORY_LIMIT

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8080


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody chooses; everything has a default.

    ``port`` 0 is any that is free, ``None`` is 8080, or any if that is taken. ``rate`` is that of the sample account,
    in segments per second, and ``speed`` that of time: ``None`` for 1, or for what a data folder has. ``user`` and
    ``password`` open the messaging API, ``dashboard_user`` and ``dashboard_password`` the dashboard; what is not given
    is made up. For each account, ``history`` finished messages are kept for search, and so many ``media_octets``.
    """

    host: str = DEFAULT_HOST
    port: int | None = None
    rate: float | None = None
    callback_url: str | None = None
    callback_user: str | None = None
    callback_password: str | None = None
    user: str | None = None
    password: str | None = None
    dashboard_user: str | None = None
    dashboard_password: str | None = None
    profile: str = V2_NOW.name
    speed: float | None = None
    seed: int | None = None
    inspects: bool = True
    retry_seconds: float = 180.0
    history: int = DEFAULT_HISTORY_LIMIT
    media_octets: int = DEFAULT_MEDIA_LIMIT
    allows_private_callbacks: bool = True
    data: Path | None = None

    def __repr__(self) -> str:
        return f"ServiceSettings(host={self.host!r}, port={self.port!r}, data={self.data!r})"  # no password in a log


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What a client needs: the contents of a ready file.

    ``base_url`` is what stands before ``/users/``, ``dashboard_url`` what stands before ``/accounts/``; ``page_url`` is
    for people.
    """

    base_url: str
    control_url: str
    dashboard_url: str
    page_url: str
    account_id: str
    user: str
    password: str
    dashboard_user: str
    dashboard_password: str
    application_id: str
    numbers: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Ready(base_url={self.base_url!r}, account_id={self.account_id!r}, user={self.user!r})"


__all__ = ["DEFAULT_HOST", "DEFAULT_PORT", "Ready", "ServiceSettings"]
