"""HTTP to the provider."""

from transports.http.transport import HttpTransport

__all__ = ["HttpTransport"]
