"""Whose account ``--transport http`` uses: told by the environment, so that no secret stands in a list of processes."""

import os
from collections.abc import Mapping
from typing import Any

import click

BASE_URL = "https://messaging.bandwidth.com/api/v2"

VARIABLES = {
    "base_url": "MSGCORE_BASE_URL",
    "account_id": "MSGCORE_ACCOUNT_ID",
    "user": "MSGCORE_USER",
    "password": "MSGCORE_PASSWORD",
}
_SECRET = {"password", "authorization"}


def account_keywords(options: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return what HttpTransport is opened with: the options of the command line, completed from the environment.

    Raises:
        click.UsageError: something is missing, or a secret was given as an option.
    """
    if found := _SECRET & options.keys():
        raise click.UsageError(
            f"-o {min(found)}=... would show a secret to everybody on this machine: set {VARIABLES['password']} instead"
        )
    if _names_a_password(options.get("proxy")):
        raise click.UsageError(
            "-o proxy=... with a password would show it to everybody on this machine: set https_proxy and give -o "
            "trust_env=true"
        )
    if _names_a_key_password(options.get("client_certificate")):
        raise click.UsageError(
            "-o client_certificate=... with a password would show it to everybody on this machine: take a key file "
            "without one, which only you can read"
        )
    told = {name: environment[variable] for name, variable in VARIABLES.items() if environment.get(variable)}
    keywords = {"base_url": BASE_URL} | told | dict(options)
    if missing := [variable for name, variable in VARIABLES.items() if name not in keywords]:
        raise click.UsageError(f"the transport http needs an account: set {', '.join(missing)}")
    # Options are read as JSON, and an account in digits is a name all the same.
    return keywords | {name: str(keywords[name]) for name in VARIABLES}


def _names_a_password(proxy: object) -> bool:
    return isinstance(proxy, str) and ":" in proxy.partition("://")[2].rpartition("@")[0]


def _names_a_key_password(certificate: object) -> bool:
    return isinstance(certificate, list) and len(certificate) > 2


__all__ = ["account_keywords"]
