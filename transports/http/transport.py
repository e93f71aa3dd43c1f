"""HttpTransport: the name and the arguments are settled, the transport itself is not there yet."""

from msgcore.errors import UnsupportedError


class HttpTransport:
    """The provider over HTTP; this release cannot open one.

    >>> HttpTransport("https://messaging.bandwidth.com/api/v2", account_id="9900000", user="me", password="secret")
    Traceback (most recent call last):
        ...
    msgcore.errors.UnsupportedError: HttpTransport is not there yet; use SimulatorTransport or FileTransport

    Raises:
        UnsupportedError: always.
    """

    def __init__(self, base_url: str, *, account_id: str, user: str, password: str) -> None:
        raise UnsupportedError("HttpTransport is not there yet; use SimulatorTransport or FileTransport")


__all__ = ["HttpTransport"]
