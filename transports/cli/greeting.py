"""What a simulator says when it listens: all that somebody needs to send a first message, ready to be copied."""

import json
import shlex
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import click

_CURL = """\
curl {base_url}/users/{account_id}/messages \\
  -u {pair} \\
  -H 'Content-Type: application/json' -d '{{
    "from": "{sender}", "to": ["{recipient}"], "text": "hello",
    "applicationId": "{application_id}"}}'"""

_SDK = """\
import bandwidth                                   # pip install bandwidth-sdk
configuration = bandwidth.Configuration(
    username={user}, password={password},
    host={base_url}, ignore_operation_servers=True)
with bandwidth.ApiClient(configuration) as client:
    print(bandwidth.MessagesApi(client).create_message(
        {account_id}, bandwidth.MessageRequest.from_dict({{
            "from": "{sender}", "to": ["{recipient}"], "text": "hello",
            "applicationId": "{application_id}"}})))"""

RECIPIENT = "+19195550123"


def greet(
    ready: Any, settings: Any, earlier_users: Sequence[str] = (), earlier_dashboard_users: Sequence[str] = ()
) -> None:
    """Print where the simulator is, what opens it, and how a first message is sent; the last line is for scripts."""
    token = settings.profile == "v2-2019"
    for name, value in (
        ("page", ready.page_url),
        ("base URL", ready.base_url),
        ("account", ready.account_id),
        ("API token" if token else "user", ready.user),
        ("API secret" if token else "password", ready.password),
        ("also good", _few(earlier_users)),
        ("application", ready.application_id),
        ("numbers", " ".join(ready.numbers[:3])),
        ("", " ".join(ready.numbers[3:])),
        ("callbacks", settings.callback_url or "nowhere yet (--callback-url, or the control API)"),
        ("data", settings.data or "in memory: gone when this ends"),
        ("dashboard", ready.dashboard_url),
        ("its user", ready.dashboard_user),
        ("its password", ready.dashboard_password),
        ("also good", _few(earlier_dashboard_users)),
        ("control API", f"{ready.control_url}/openapi.json"),
    ):
        if value:
            click.echo(f"{click.style(f'{name:<12}', bold=True)} {value}")
    if not _is_loopback(settings.host):
        click.echo(
            f"\nThis is no address of this machine alone ({settings.host}): who reaches it can use the control API,"
        )
        click.echo("which asks for no password, and make this machine post callbacks.")
    sender = ready.numbers[0] if ready.numbers else "+19195550100"
    shared = {"sender": sender, "recipient": RECIPIENT, "application_id": ready.application_id}
    pair = shlex.quote(f"{ready.user}:{ready.password}")
    _show("With curl", _CURL.format(base_url=ready.base_url, account_id=ready.account_id, pair=pair, **shared))
    quoted = {name: json.dumps(getattr(ready, name)) for name in ("base_url", "account_id", "user", "password")}
    _show("With the provider's own SDK", _SDK.format(**quoted, **shared))
    _show("A message that comes in", _inbound(ready.control_url, sender))
    click.echo(f"\nready {ready.base_url} {ready.control_url}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _few(users: Sequence[str]) -> str:
    """Name a user of an earlier run; who starts again every day does not want to read them all."""
    if not users:
        return ""
    more = f" and {len(users) - 1} more" if len(users) > 1 else ""
    return f"{users[-1]}{more}, as told before"


def _inbound(control_url: str, owner: str) -> str:
    where = "" if control_url.endswith(":8080/control") else f" \\\n  --control-url {control_url}"
    return f"msgcore trigger inbound --from {RECIPIENT} --to {owner} --text hello{where}"


def _show(title: str, code: str) -> None:
    click.echo(f"\n{click.style(title, bold=True)}\n\n{code}")


__all__ = ["greet"]
