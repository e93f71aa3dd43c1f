"""The options that make ``msgcore send`` durable, and what they open: an outbox, a store of callbacks, a receiver."""

import asyncio
import contextlib
import functools
import math
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import click

from msgcore.client import AsyncClient, SystemClock
from msgcore.errors import MissingExtraError, OutboxError
from msgcore.transport import CallbackSource, CallbackStore, Transport
from transports.cli.callback_credentials import PASSWORD_VARIABLE, callback_credentials, warn_of_open_door
from transports.cli.durable_run import DurableRun, RunHooks
from transports.cli.options import check_number
from transports.cli.progress import ProgressDisplay
from transports.cli.rejects import RejectsFile
from transports.cli.report import Report
from transports.cli.report_page.send_figures import SendFigures
from transports.cli.row_keys import RowKeys
from transports.cli.run import Readable
from transports.suppressions import SuppressionFile

UNKNOWN_AFTER = 3600.0
LATENCY_SECONDS = 2.0
"""How much later than others a message may arrive at the provider: so much of its queue is left free."""


class Durable(NamedTuple):
    """What was asked for beside ``--outbox``."""

    path: Path
    resumes: bool
    receive: tuple[str, int] | None
    credentials: tuple[tuple[str, str], ...]
    on_unknown: Literal["hold", "resend"]
    unknown_after: float
    expire_after: float
    retry_failed: bool
    sender_rate: float | None


_OPTIONS = (
    click.option(
        "--outbox",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Keep messages, attempts and outcomes there: nothing is lost or sent twice, whatever is killed.",
    ),
    click.option("--resume", is_flag=True, help="Send what waits in the outbox; FILE is not read."),
    click.option(
        "--receive",
        metavar="HOST:PORT",
        help="Take callbacks there, into FILE-events beside the outbox; without it, those that others put there count.",
    ),
    click.option("--receive-user", metavar="USER", help="With --receive: who may post; callbacks need credentials."),
    click.option(
        "--receive-password-env",
        metavar="NAME",
        default=PASSWORD_VARIABLE,
        show_default=True,
        help="The environment variable that holds the password of that user.",
    ),
    click.option(
        "--on-unknown",
        type=click.Choice(["hold", "resend"]),
        default="hold",
        show_default=True,
        help="What becomes of messages of which nobody can tell whether they arrived.",
    ),
    click.option(
        "--unknown-after",
        type=click.FloatRange(min=0),
        default=UNKNOWN_AFTER,
        callback=check_number,
        show_default=True,
        metavar="SECONDS",
        help="With --on-unknown resend: how long they are waited for.",
    ),
    click.option(
        "--expire-after",
        type=click.FloatRange(min=0, min_open=True),
        default=math.inf,
        callback=check_number,
        metavar="SECONDS",
        help="Do not send what has waited in the outbox for longer.",
    ),
    click.option(
        "--retry-failed",
        is_flag=True,
        help="Send once more what has failed for a reason that passes; never after 9902, and no group.",
    ),
    click.option(
        "--sender-rate",
        type=click.FloatRange(min=0, min_open=True),
        callback=check_number,
        metavar="MPS",
        help="Segments per second of each sender, as P2P long codes have it.",
    ),
)


def durable_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as ``durable``, None without an outbox."""

    @functools.wraps(command)  # what other options have left there is kept
    def with_durable(
        outbox: Path | None,
        resume: bool,
        receive: str | None,
        receive_user: str | None,
        receive_password_env: str,
        on_unknown: Literal["hold", "resend"],
        unknown_after: float,
        expire_after: float,
        retry_failed: bool,
        sender_rate: float | None,
        **others: Any,
    ) -> Any:
        if outbox is None:
            for name, given in (
                ("--resume", resume),
                ("--receive", receive is not None),
                ("--receive-user", receive_user is not None),
                ("--on-unknown", on_unknown != "hold"),
                ("--unknown-after", unknown_after != UNKNOWN_AFTER),
                ("--expire-after", expire_after != math.inf),
                ("--retry-failed", retry_failed),
                ("--sender-rate", sender_rate is not None),
            ):
                if given:
                    raise click.UsageError(f"{name} needs --outbox FILE: without one, nothing outlives the run")
            return command(durable=None, **others)
        if receive_user is not None and receive is None:
            raise click.UsageError("--receive-user needs --receive HOST:PORT: nobody is asked for credentials else")
        durable = Durable(
            outbox,
            resume,
            None if receive is None else _address(receive),
            callback_credentials("--receive-user", receive_user, receive_password_env),
            on_unknown,
            unknown_after,
            expire_after,
            retry_failed,
            sender_rate,
        )
        return command(durable=durable, **others)

    decorated: Callable[..., Any] = with_durable
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def waits_for_final(wait: str | None, has_callbacks: bool) -> bool:
    """Return whether to follow messages to their ends.

    Raises:
        click.UsageError: that was asked for, and nothing brings callbacks.
    """
    if wait == "final" and not has_callbacks:
        raise click.UsageError("--wait final needs callbacks: a transport that brings them, or --outbox and --receive")
    return has_callbacks if wait is None else wait == "final"


async def run_durably(
    durable: Durable,
    campaign: Readable,
    keys: RowKeys | None,
    transport: Transport,
    files: tuple[RejectsFile, RejectsFile],
    progress: ProgressDisplay,
    pace: tuple[float, float],
    *,
    application: str | None,
    wait: str | None,
    figures: SendFigures | None,
) -> Report:
    """Send a campaign, or what waits, from the outbox; the receiver runs meanwhile where that was asked for."""
    rate, queue_seconds = pace
    report: Report | None = None
    try:
        async with contextlib.AsyncExitStack() as stack:
            outbox = await stack.enter_async_context(_outbox(durable.path))
            callbacks, receiving = await _callbacks(stack, durable, transport)
            # Over HTTP a campaign is over when it is accepted, unless somebody asks: receipts take up to 26 hours.
            waits = waits_for_final(wait, callbacks is not None)
            if wait is None and isinstance(callbacks, CallbackStore):
                waits = False
            hooks = RunHooks()
            is_real = isinstance(getattr(transport, "clock", SystemClock()), SystemClock)
            client = await stack.enter_async_context(
                AsyncClient(
                    transport,
                    application_id=application,
                    outbox=outbox,
                    callbacks=callbacks,
                    rate=rate,
                    sender_rate=durable.sender_rate,
                    queue_seconds=queue_seconds,
                    latency_seconds=min(LATENCY_SECONDS, queue_seconds / 10) if is_real else 0.0,
                    suppressions=SuppressionFile(durable.path.with_name(f"{durable.path.name}-opt-outs")),
                    on_unknown=durable.on_unknown,
                    unknown_after=durable.unknown_after,
                    expire_after=durable.expire_after,
                    retry_failed=durable.retry_failed,
                    hooks=[hooks],
                )
            )
            run = DurableRun(
                campaign, client, *files, progress, outbox=outbox, outbox_file=durable.path, hooks=hooks,
                keys=keys, pace=pace, wait_final=waits, retries_failed=durable.retry_failed, receiving=receiving,
            )  # fmt: skip
            run.report.figures = figures
            report = await run.run()
    except OutboxError as error:  # of the last entries: what was sent before is to be told all the same
        if report is None:
            raise
        report.stopped_by = report.stopped_by or str(error)
    return report


@contextlib.asynccontextmanager
async def _outbox(path: Path) -> AsyncIterator[Any]:
    try:
        from transports.outbox.sqlite import SqliteOutbox
    except ModuleNotFoundError as error:
        raise MissingExtraError("--outbox", "outbox") from error
    async with contextlib.aclosing(SqliteOutbox(path)) as outbox:
        yield outbox


async def _callbacks(
    stack: contextlib.AsyncExitStack, durable: Durable, transport: Transport
) -> "tuple[CallbackStore | CallbackSource | None, asyncio.Future[None] | None]":
    """Open the store beside the outbox, and the receiver that fills it, where they are wanted or there already."""
    if isinstance(transport, CallbackSource):
        if durable.receive is not None:
            raise click.UsageError("--receive: this transport brings its callbacks itself")
        return transport, None
    from transports.outbox.callbacks.sqlite import SqliteCallbackStore

    if durable.receive is None and not SqliteCallbackStore.path_beside(durable.path).exists():
        return None, None
    store = await stack.enter_async_context(SqliteCallbackStore.beside(durable.path))
    if durable.receive is None:
        return store, None
    return store, await stack.enter_async_context(_receiving(store, *durable.receive, durable.credentials))


@contextlib.asynccontextmanager
async def _receiving(
    store: CallbackStore, host: str, port: int, credentials: Sequence[tuple[str, str]]
) -> "AsyncIterator[asyncio.Future[None]]":
    """Take callbacks, and yield what ends when that does."""
    try:
        from transports.webhook import CallbackReceiver
        from transports.webhook.server import Listening, serve
    except ModuleNotFoundError as error:
        raise MissingExtraError("--receive", "receiver") from error
    listening: asyncio.Future[Listening] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    receiver = CallbackReceiver(store, credentials=credentials)
    serving = asyncio.ensure_future(serve(receiver, host, port, listening.set_result, stop))
    try:
        await asyncio.wait((serving, listening), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        warn_of_open_door("--receive-user", credentials, host)
        click.echo(f"callbacks are taken at {listening.result().url}", err=True)
        yield serving
    finally:
        stop.set()
        await asyncio.gather(serving, return_exceptions=True)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter(f"{text!r} is not HOST:PORT", param_hint="--receive")
    return host.strip("[]") or "127.0.0.1", int(port)


__all__ = ["Durable", "durable_options", "run_durably", "waits_for_final"]
