"""``msgcore outbox``: what stands in an outbox, and what a person may do about it."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from rich.table import Table
from rich.text import Text

from msgcore.delivery import Entry, Outcome, SendState
from transports.cli.kept_file import DAY_SECONDS, json_output, kept_file, older_than
from transports.cli.output import show, show_json

if TYPE_CHECKING:
    from transports.outbox.sqlite import SqliteOutbox

_Result = TypeVar("_Result")

RISK: Final = (
    "Nobody can tell whether these messages were sent. Those that were will be sent a second time, and billed a second "
    "time: the provider does not recognise them."
)
_EXPLAINED: Final = {
    "waiting": "to be sent, certainly not with the provider",
    "attempting": "an attempt is entered and its outcome is not",
    "unknown": "may have been sent: held until a callback, the search or somebody says so",
    "accepted": "the provider has it; not every recipient has an outcome yet",
    "final": "accepted, and every recipient has an outcome",
    "rejected": "the provider will never take it, or a rule forbids it",
    "expired": "its time passed before an attempt",
    "suppressed": "the recipient has opted out",
}

_REFUSED: Final = (SendState.REJECTED, SendState.EXPIRED, SendState.SUPPRESSED)

_reveal = click.option("--reveal", is_flag=True, help="Show numbers whole; without, only how they begin and end.")


@click.group("outbox", short_help="Look into an outbox, and decide what it cannot.")
def outbox_command() -> None:
    """Look into an outbox, and decide what it cannot.

    FILE is what msgcore send --outbox FILE has made. Looking never disturbs a run that uses it; what changes messages
    (retry, purge) is refused while one does.
    """


# --------------------------------------------------------------------------------------------------------------- status


@outbox_command.command("status", short_help="Count the messages by where they stand.")
@kept_file
@json_output
def status_command(file: Path, as_json: bool) -> None:
    """Count the messages in FILE by where they stand."""

    async def work(outbox: "SqliteOutbox") -> dict[str, int]:
        counts = outbox.counts()
        return {**counts._asdict(), "total": counts.total}

    counts = _run(file, work)
    if as_json:
        show_json(counts)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}", _EXPLAINED.get(name, "") if count else "")
    show(table)


# ----------------------------------------------------------------------------------------------------- unknown, refused


@outbox_command.command("unknown", short_help="List the messages that may have been sent.")
@kept_file
@_reveal
@json_output
def unknown_command(file: Path, reveal: bool, as_json: bool) -> None:
    """List the messages in FILE that may have been sent, with no answer to tell.

    They are never sent again by themselves. A callback that names one settles it, at any later time. What was under way
    when a sender died is among them once the next one has begun.
    """
    _list(file, (SendState.UNKNOWN,), "unknown", reveal=reveal, as_json=as_json)
    if not as_json and (under_way := _count_under_way(file)):
        click.echo(
            f"msgcore: {under_way} more are under way, or were when their sender died: then the next one counts them",
            err=True,
        )


@outbox_command.command("refused", short_help="List the messages that will not be sent, and why.")
@kept_file
@_reveal
@json_output
def refused_command(file: Path, reveal: bool, as_json: bool) -> None:
    """List the messages in FILE that were not sent and will not be: rejected, expired, suppressed.

    Their texts are erased. A row of a campaign without a key of its own is found by the number at the end of its key:
    how many rows stand before it, and one more. A row that was corrected is another message, and is sent; the same one
    is known here, and is not.
    """
    _list(file, _REFUSED, "refused", reveal=reveal, as_json=as_json)


def _list(file: Path, states: Sequence[SendState], called: str, *, reveal: bool, as_json: bool) -> None:
    async def work(outbox: "SqliteOutbox") -> list[Entry]:
        return [entry for state in states async for entry in outbox.entries(state)]

    entries = _run(file, work)
    if as_json:
        show_json([_shown(entry, reveal=reveal) for entry in entries])
        return
    columns = ("key", "to", "since", "attempts", *(["state"] if len(states) > 1 else []), "reason")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for entry in entries:
        shown = _shown(entry, reveal=reveal) | {"reason": entry.reason or ""}
        shown["to"] = ", ".join(shown["to"])
        table.add_row(*(Text(str(shown[name])) for name in columns))
    show(table, Text(f"{len(entries)} {called}"))


def _count_under_way(file: Path) -> int:
    async def work(outbox: "SqliteOutbox") -> int:
        return outbox.counts().attempting

    return _run(file, work)


# ---------------------------------------------------------------------------------------------------------------- retry


@outbox_command.command("retry", short_help="Let messages that may have been sent wait again.")
@kept_file
@click.option("--key", "keys", multiple=True, metavar="KEY", help="Only this message. May be repeated.")
@click.option("--all", "every", is_flag=True, help="Every unknown message.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_output
def retry_command(file: Path, keys: tuple[str, ...], every: bool, yes: bool, as_json: bool) -> None:
    """Let messages in FILE that may have been sent wait again, for the next msgcore send --outbox FILE --resume.

    Those that were sent after all are then sent a second time, and billed a second time: the provider does not
    recognise a message that it has. Look at its own records first.
    """
    if every == bool(keys):
        raise click.UsageError("say which: --key KEY, or --all")
    if not yes:
        click.echo(RISK, err=True)
        click.confirm("Let them be sent again?", abort=True, err=True)

    async def work(outbox: "SqliteOutbox") -> int:
        async with _dispatching(outbox) as now:
            chosen = await outbox.find(keys) if keys else [e async for e in outbox.entries(SendState.UNKNOWN)]
            retried = [
                Outcome(entry.number, entry.attempts, SendState.WAITING, now, reason="sent again by hand")
                for entry in chosen
                if entry is not None and entry.state is SendState.UNKNOWN
            ]
            return sum(await outbox.settle(retried))

    count = _run(file, work)
    if as_json:
        show_json({"retried": count})
    else:
        show(Text(f"{count} wait again"))
    if keys and count < len(set(keys)):
        click.echo(f"msgcore: {len(set(keys)) - count} of the keys belong to no unknown message", err=True)
        sys.exit(1)


# --------------------------------------------------------------------------------------------------------------- export


@outbox_command.command("export", short_help="Write messages as a campaign file.")
@kept_file
@click.option(
    "--state",
    type=click.Choice(["waiting", "unknown", "accepted"]),
    default="waiting",
    show_default=True,
    help="Which messages; the others have no text any more.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="PATH", help="Where to.")
def export_command(file: Path, state: str, output: Path | None) -> None:
    """Write the messages of FILE that have their text as JSON Lines, which msgcore send takes.

    Texts and numbers are written whole; a file given with --output is made for its owner alone. Every row has its key:
    the outbox that it comes from knows it and does not send it twice; another one does not.
    """

    async def work(outbox: "SqliteOutbox") -> int:
        written = 0
        with _open_output(output) as write:
            async for entry in outbox.entries(SendState(state), final=False):
                if entry.message.text or entry.message.media:
                    write(_row(entry))
                    written += 1
        return written

    try:
        count = _run(file, work)
    except OSError as error:
        raise click.ClickException(f"{output or 'standard output'} cannot be written: {error.strerror}") from error
    click.echo(f"msgcore: {count} messages written", err=True)


def _row(entry: Entry) -> bytes:
    message = entry.message
    values: dict[str, Any] = {
        "to": list(message.to),
        "from": message.from_,
        "text": message.text,
        "media": list(message.media),
        "tag": message.tag,
        "application_id": message.application_id,
        "priority": message.priority,
        "expiration": message.expiration,
        "key": entry.key,
    }
    return json.dumps({name: value for name, value in values.items() if value}, ensure_ascii=False).encode() + b"\n"


@contextmanager
def _open_output(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    if path is None:
        yield partial(click.echo, nl=False)
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file.write


# ---------------------------------------------------------------------------------------------------------------- purge


@outbox_command.command("purge", short_help="Forget messages that have long been final.")
@kept_file
@older_than("How long they have been final.")
@json_output
def purge_command(file: Path, days: float, as_json: bool) -> None:
    """Forget the messages in FILE that have been final for long, numbers and keys included.

    What is forgotten is not recognised any more: the same campaign sent again would be sent again.
    """

    async def work(outbox: "SqliteOutbox") -> int:
        async with _dispatching(outbox) as now:
            return await outbox.purge(before=now - days * DAY_SECONDS)

    count = _run(file, work)
    if as_json:
        show_json({"purged": count})
    else:
        show(Text(f"{count} forgotten"))


# --------------------------------------------------------------------------------------------------------------- inside


def _run(file: Path, work: "Callable[[SqliteOutbox], Coroutine[Any, Any, _Result]]") -> _Result:
    from transports.outbox.sqlite import SqliteOutbox  # only now: the rest works without its extra

    async def run() -> _Result:
        outbox = SqliteOutbox(file)
        try:
            return await work(outbox)
        finally:
            await outbox.aclose()

    return asyncio.run(run())


@asynccontextmanager
async def _dispatching(outbox: "SqliteOutbox") -> AsyncIterator[float]:
    now = time.time()
    await outbox.begin(now)
    yield now
    await outbox.end()


def _shown(entry: Entry, *, reveal: bool) -> dict[str, Any]:
    message = entry.message
    return {
        "key": entry.key,
        "to": list(message.to) if reveal else [_redacted(number) for number in message.to],
        "from": message.from_,
        "since": datetime.fromtimestamp(entry.since, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "attempts": entry.attempts,
        "state": entry.state.value,
        "reason": entry.reason,
    }


def _redacted(number: str) -> str:
    """Return a number so that its owner cannot be called: ``+1919…23``."""
    return f"{number[:5]}…{number[-2:]}"


__all__ = ["outbox_command"]
