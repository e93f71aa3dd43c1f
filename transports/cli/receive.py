"""``msgcore receive``: callbacks into a store, until it is stopped."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from msgcore.errors import ClosedError, MissingExtraError
from transports.cli.callback_credentials import PASSWORD_VARIABLE, callback_credentials, warn_of_open_door
from transports.cli.events import event_line

if TYPE_CHECKING:
    from transports.outbox.callbacks.sqlite import SqliteCallbackStore
    from transports.webhook import CallbackReceiver
    from transports.webhook.server import Listening

READ_AT_ONCE = 500
CONNECTIONS = 1_000
FAILED = 1


class Settings(NamedTuple):
    """What somebody has asked for."""

    store: Path
    host: str
    port: int
    path: str
    credentials: tuple[tuple[str, str], ...]
    prints: bool
    redacts: bool
    certificate: str | None
    key: str | None
    connections: int


@click.command("receive", short_help="Take callbacks into a store, before anybody is told that they arrived.")
@click.option(
    "--store",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where events are kept; made if it is not there.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=9000, show_default=True, help="The port; 0 for any.")
@click.option("--path", default="/", show_default=True, help="Where callbacks are taken; / takes them anywhere.")
@click.option("--user", metavar="USER", help="Who may post; the provider is asked for credentials.")
@click.option(
    "--password-env",
    metavar="NAME",
    default=PASSWORD_VARIABLE,
    show_default=True,
    help="The environment variable that holds the password.",
)
@click.option("--print", "prints", is_flag=True, help="Print each new event as a line of JSON, numbers masked.")
@click.option("--unredacted", is_flag=True, help="With --print: the whole event, with numbers and texts.")
@click.option(
    "--certificate", type=click.Path(exists=True, dir_okay=False), help="Speak TLS, with this certificate ..."
)
@click.option("--key", type=click.Path(exists=True, dir_okay=False), help="... and its key.")
@click.option(
    "--connections",
    type=click.IntRange(min=1),
    default=CONNECTIONS,
    show_default=True,
    metavar="N",
    help="How many connections there may be at a time.",
)
def receive_command(user: str | None, password_env: str, unredacted: bool, **options: Any) -> None:
    """Take callbacks over HTTP into a store, until Ctrl-C or SIGTERM.

    An event is answered when it is on the disk, each is kept once however often it is posted, and any number of
    processes may read on from the store meanwhile. What is under way when it is stopped is still answered.

    A connection whose request does not begin within 10 seconds is cut, and one that is too many as well.
    See msgcore callbacks for what the store holds.

    \b
    Exit status:
      0  it was stopped
      1  it has ended, and nobody stopped it
      2  unusable arguments, or a store that cannot be used

    \b
    Examples:
      msgcore receive --store campaign.db
      MSGCORE_CALLBACK_PASSWORD=... msgcore receive --store campaign.db --user hooks \\
          --host 0.0.0.0 --port 443 --certificate cert.pem --key key.pem --print
    """
    credentials = callback_credentials("--user", user, password_env)
    settings = Settings(credentials=credentials, redacts=not unredacted, **options)
    if (settings.certificate is None) != (settings.key is None):
        raise click.UsageError("--certificate and --key belong together")
    if not settings.path.startswith("/"):
        raise click.BadParameter(f"expected one that begins with a slash, got {settings.path!r}", param_hint="--path")
    warn_of_open_door("--user", credentials, settings.host)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_receive(settings))


async def _receive(settings: Settings) -> None:
    try:
        from transports.outbox.callbacks.sqlite import SqliteCallbackStore
        from transports.webhook import CallbackReceiver
        from transports.webhook.server import Limits, Tls, serve
    except ModuleNotFoundError as error:
        raise MissingExtraError("msgcore receive", "receiver") from error
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tls = Tls(settings.certificate, settings.key) if settings.certificate and settings.key else None
    failure = None
    async with SqliteCallbackStore(settings.store) as store:
        receiver = CallbackReceiver(
            store, credentials=settings.credentials, path=None if settings.path == "/" else settings.path
        )
        printing = await _begin_printing(store, settings)
        try:
            await serve(
                receiver, settings.host, settings.port, lambda where: _greet(where, settings), stop,
                path=settings.path, tls=tls, limits=Limits(connections=settings.connections),
            )  # fmt: skip
        except ClosedError as error:
            failure = error
        finally:
            if printing is not None:
                await _end_printing(printing, store)
    _part(receiver)
    if failure is not None:
        click.echo(f"msgcore: callbacks are taken no longer: {failure}", err=True)
        sys.exit(FAILED)


def _greet(where: "Listening", settings: Settings) -> None:
    click.echo(f"events are kept in {settings.store}; Ctrl-C stops", err=True)
    click.echo(f"ready {where.url}", err=True)


def _part(receiver: "CallbackReceiver") -> None:
    counters = receiver.counters
    click.echo(
        f"{counters.new_events} new events, {counters.repeated_events} repeated, {counters.quarantined_items} in "
        f"quarantine; {counters.requests} requests, {counters.accepted} of them taken",
        err=True,
    )


# ------------------------------------------------------------------------------------------------------------ printing


class _Printing:
    """Prints the events of a store as they come."""

    def __init__(self, store: "SqliteCallbackStore", after: int, *, redacts: bool) -> None:
        self._store = store
        self._after = after
        self._redacts = redacts
        self.task = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        while True:
            await self._store.wait(self._after)
            if not await self.print_some():
                return

    async def print_some(self) -> bool:
        """Print what there is; False when nobody reads it any more."""
        while events := await self._store.read(self._after, READ_AT_ONCE):
            lines = "".join(event_line(event, redacts=self._redacts) + "\n" for event in events)
            self._after = events[-1].sequence  # what a thread has begun to write is written, whoever stops waiting
            # A reader that is slow must not hold up the answers.
            if not await asyncio.to_thread(_write, lines):
                return False
        return True


async def _begin_printing(store: "SqliteCallbackStore", settings: Settings) -> _Printing | None:
    if not settings.prints:
        return None
    return _Printing(store, await store.last_sequence(), redacts=settings.redacts)


async def _end_printing(printing: _Printing, store: "SqliteCallbackStore") -> None:
    if not printing.task.done():
        printing.task.cancel()
        await asyncio.wait([printing.task])
        await printing.print_some()


def _write(lines: str) -> bool:
    try:
        sys.stdout.write(lines)
        sys.stdout.flush()
    except OSError as error:
        click.echo(f"msgcore: events are no longer printed: {error.strerror}; they are kept as before", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _loop_factory() -> Any:
    try:
        import uvloop
    except ModuleNotFoundError:
        return None
    return uvloop.new_event_loop


__all__ = ["receive_command"]
