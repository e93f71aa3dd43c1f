"""``msgcore callbacks``: what a store of callbacks holds, what handlers failed on, and what is in quarantine."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from rich.table import Table
from rich.text import Text

from msgcore.delivery import HandlerFailure, QuarantinedItem
from msgcore.wire import decode_callbacks
from transports.cli.events import masked
from transports.cli.kept_file import DAY_SECONDS, json_output, kept_file, older_than
from transports.cli.output import show, show_json

if TYPE_CHECKING:
    from transports.outbox.callbacks.sqlite import SqliteCallbackStore

_Result = TypeVar("_Result")

READ_AT_ONCE: Final = 500

_handler = click.option("--handler", metavar="NAME", help="Only what this handler failed on.")


@click.group("callbacks", short_help="Look into a store of callbacks, and try dead letters again.")
def callbacks_command() -> None:
    """Look into a store of callbacks, and try dead letters again.

    FILE is what msgcore receive --store FILE has made, or a CallbackReceiver of an application; the one that belongs to
    an outbox is called OUTBOX-events. A receiver that runs on it is not disturbed.
    """


# --------------------------------------------------------------------------------------------------------------- status


@callbacks_command.command("status", short_help="Say how much has come, and how far each handler is.")
@kept_file
@json_output
def status_command(file: Path, as_json: bool) -> None:
    """Say how many events FILE was given, what is in quarantine, how far each handler is, and what it failed on."""

    async def work(store: "SqliteCallbackStore") -> dict[str, Any]:
        last, failures = await store.last_sequence(), await store.failures()
        handlers = [
            {"handler": name, "behind": last - through} | _outlook([one for one in failures if one.handler == name])
            for name, through in sorted((await store.progress()).items())
        ]
        return {"last_event": last, "quarantined": await store.quarantined_count(), "handlers": handlers}

    standing = _run(file, work)
    if as_json:
        show_json(standing)
        return
    show(Text(f"last event {standing['last_event']:,}; {standing['quarantined']:,} items in quarantine"))
    if standing["handlers"]:
        _show_table(
            ("handler", "behind", "to be tried again", "dead letters"), [*map(dict.values, standing["handlers"])]
        )


def _outlook(failures: Sequence[HandlerFailure]) -> dict[str, int]:
    dead = sum(_is_dead(failure) for failure in failures)
    return {"to_be_tried_again": len(failures) - dead, "dead_letters": dead}


# --------------------------------------------------------------------------------------------------------------- failed


@callbacks_command.command("failed", short_help="List the events that handlers failed on, dead letters among them.")
@kept_file
@_handler
@click.option("--dead", "only_dead", is_flag=True, help="Only dead letters: those that are not tried again.")
@click.option("--reveal", is_flag=True, help="Show the whole event, and what the exception said.")
@json_output
def failed_command(file: Path, handler: str | None, only_dead: bool, reveal: bool, as_json: bool) -> None:
    """List the events in FILE that handlers failed on: those to be tried again, and dead letters.

    Of a problem only the kind of exception is shown, as what it says may tell a number or a text.
    """

    async def work(store: "SqliteCallbackStore") -> list[dict[str, Any]]:
        failures = [one for one in await store.failures(handler) if _is_dead(one) or not only_dead]
        return [await _shown(store, failure, reveal=reveal) for failure in failures]

    rows = _run(file, work)
    if as_json:
        show_json(rows)
        return
    names = [
        "handler",
        "event",
        "type",
        "to",
        "attempts",
        "failed_at",
        "due_at",
        "problem",
        *(["raw"] if reveal else []),
    ]
    _show_table(
        names, [[row["due_at"] or "never" if name == "due_at" else row[name] for name in names] for row in rows]
    )
    dead = sum(row["due_at"] is None for row in rows)
    show(Text(f"{dead} dead letters, {len(rows) - dead} to be tried again"))


async def _shown(store: "SqliteCallbackStore", failure: HandlerFailure, *, reveal: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"handler": failure.handler, "event": failure.sequence, "type": None, "to": None}
    found = await store.read(failure.sequence - 1, 1)
    if found and found[0].sequence == failure.sequence:
        [event] = decode_callbacks(b"[" + found[0].raw + b"]")
        shown |= {"type": event.type, "to": event.to if reveal else masked(event.to)}
        if reveal:
            shown["raw"] = found[0].raw.decode(errors="replace")
    return shown | {
        "attempts": failure.attempts,
        "failed_at": _time(failure.failed_at),
        "due_at": None if failure.due_at is None else _time(failure.due_at),
        "problem": failure.problem if reveal else failure.problem.partition(":")[0],
    }


# ---------------------------------------------------------------------------------------------------------------- retry


@callbacks_command.command("retry", short_help="Let dead letters be tried again.")
@kept_file
@_handler
@click.option("--event", "events", type=int, multiple=True, metavar="N", help="Only this event. May be repeated.")
@click.option("--all", "every", is_flag=True, help="Every dead letter.")
@json_output
def retry_command(file: Path, handler: str | None, events: tuple[int, ...], every: bool, as_json: bool) -> None:
    """Let dead letters in FILE be tried again, as if they had not failed.

    The receiver that runs their handlers does so within seconds; where none runs, the next one does when it starts.
    """
    if every == bool(events):
        raise click.UsageError("say which: --event N, or --all")

    async def work(store: "SqliteCallbackStore") -> list[int]:
        now = time.time()
        dead = [one for one in await store.failures(handler) if _is_dead(one)]
        chosen = [one for one in dead if every or one.sequence in events]
        for failure in chosen:
            await store.settle_failure(failure._replace(attempts=0, due_at=now), is_over=False)
        return [failure.sequence for failure in chosen]

    retried = _run(file, work)
    if as_json:
        show_json({"retried": len(retried)})
    else:
        show(Text(f"{len(retried)} are tried again"))
    if missed := sorted(set(events) - set(retried)):
        click.echo(f"msgcore: no dead letter: event {', '.join(map(str, missed))}", err=True)
        sys.exit(1)


# ---------------------------------------------------------------------------------------------------------- quarantined


@callbacks_command.command("quarantined", short_help="List the items that are no events.")
@kept_file
@click.option("--reveal", is_flag=True, help="Show each item whole; without, only how long it is.")
@json_output
def quarantined_command(file: Path, reveal: bool, as_json: bool) -> None:
    """List the items in FILE that are no events: they say too little to be told from each other.

    They were answered as the events of their callbacks were, or the provider would have posted those again.
    """

    async def work(store: "SqliteCallbackStore") -> list[QuarantinedItem]:
        items: list[QuarantinedItem] = []
        while some := await store.quarantined(items[-1].number if items else 0, READ_AT_ONCE):
            items += some
        return items

    rows = [
        {
            "number": item.number,
            "received_at": _time(item.received_at),
            "problem": item.problem,
            **({"raw": item.raw.decode(errors="replace")} if reveal else {"octets": len(item.raw)}),
        }
        for item in _run(file, work)
    ]
    if as_json:
        show_json(rows)
        return
    _show_table(("number", "received_at", "problem", "raw" if reveal else "octets"), [*map(dict.values, rows)])
    show(Text(f"{len(rows)} in quarantine"))


# ---------------------------------------------------------------------------------------------------------------- purge


@callbacks_command.command("purge", short_help="Forget events and quarantined items that came long ago.")
@kept_file
@older_than("How long ago they came.")
@json_output
def purge_command(file: Path, days: float, as_json: bool) -> None:
    """Forget events and quarantined items in FILE that came long ago, numbers and texts included.

    What a handler has still to see stays, and so do its dead letters. What is forgotten is new if it is posted again.
    """

    async def work(store: "SqliteCallbackStore") -> tuple[int, int]:
        quarantined = await store.quarantined_count()
        events = await store.purge(time.time() - days * DAY_SECONDS)
        return events, max(0, quarantined - await store.quarantined_count())  # a receiver may have added some meanwhile

    events, items = _run(file, work)
    if as_json:
        show_json({"purged": events, "purged_from_quarantine": items})
    else:
        show(Text(f"{events} events and {items} quarantined items forgotten"))


# --------------------------------------------------------------------------------------------------------------- inside


def _run(file: Path, work: "Callable[[SqliteCallbackStore], Coroutine[Any, Any, _Result]]") -> _Result:
    from transports.outbox.callbacks.sqlite import SqliteCallbackStore  # only now: the rest works without its extra

    async def run() -> _Result:
        async with SqliteCallbackStore(file) as store:
            return await work(store)

    return asyncio.run(run())


def _show_table(names: Sequence[str], rows: Sequence[Any]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    show(table)


def _is_dead(failure: HandlerFailure) -> bool:
    return failure.due_at is None


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


__all__ = ["callbacks_command"]
