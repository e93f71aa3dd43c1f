"""HTTP to the provider: a pool of connections to one origin, and who we are to it."""

from transports.http.authorization import OAuth2ClientCredentials
from transports.http.transport import HttpTransport

__all__ = ["HttpTransport", "OAuth2ClientCredentials"]
