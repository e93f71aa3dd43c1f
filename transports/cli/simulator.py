"""``msgcore simulator``: the provider on your desk, and pushing its time."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import click

from msgcore.errors import MissingExtraError
from transports.cli.control import ask, control_options
from transports.cli.greeting import greet


@click.group("simulator", invoke_without_command=True, short_help="Run the provider as a server, for any client.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 for any that is free.  [default: 8080, or any if that is taken]",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True, max=1_000_000),
    metavar="MPS",
    help="Segments per second of the sample account.  [default: 1, as a new account has]",
)
@click.option("--callback-url", metavar="URL", help="Where events are posted.  [default: nowhere]")
@click.option("--callback-user", metavar="USER", help="What answers the callback server, if it asks.")
@click.option("--callback-password", metavar="PASSWORD", envvar="MSGCORE_CALLBACK_PASSWORD", help="The same.")
@click.option("--user", metavar="USER", envvar="MSGCORE_SIMULATOR_USER", help="What opens the API.  [default: made up]")
@click.option("--password", metavar="PASSWORD", envvar="MSGCORE_SIMULATOR_PASSWORD", help="The same.")
@click.option("--dashboard-user", metavar="USER", help="What opens the dashboard's API.  [default: made up]")
@click.option("--dashboard-password", metavar="PASSWORD", envvar="MSGCORE_DASHBOARD_PASSWORD", help="The same.")
@click.option(
    "--profile", type=click.Choice(["v2-now", "v2-2019"]), default="v2-now", show_default=True, help="Era of the API."
)
@click.option("--speed", type=float, help="The provider's seconds in a real one.  [default: 1]")
@click.option("--seed", type=int, help="For delays and ids that can be repeated.  [default: another each time]")
@click.option(
    "--retry-interval",
    type=click.FloatRange(min=0, min_open=True),
    default=180.0,
    show_default=True,
    metavar="SECONDS",
    help="Until a failed callback comes again.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep accounts, messages and callbacks in DIR.  [default: in memory]",
)
@click.option(
    "--history",
    type=click.IntRange(min=0),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Finished messages of an account that search can find.",
)
@click.option(
    "--media-limit",
    type=click.IntRange(min=1),
    default=256,
    show_default=True,
    metavar="MB",
    help="Memory for the media of an account.",
)
@click.option("--no-inspect", is_flag=True, help="Remember no text of the last messages.")
@click.option("--public-callbacks-only", is_flag=True, help="Post no callback into a private network.")
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Write a JSON object with all that a client needs to PATH, once it listens.",
)
@click.pass_context
def simulator_command(context: click.Context, /, no_inspect: bool, ready_file: Path | None, **options: Any) -> None:
    """Run the provider as a server: any client of the Messaging V2 API can be pointed at it.

    It accepts, queues, sends and fails messages as the provider does, and posts the callbacks. Nothing leaves this
    machine but the callbacks. Stop it with Ctrl-C.

    \b
    Examples:
      msgcore simulator
      msgcore simulator --port 0 --ready-file ready.json --rate 50 \\
          --callback-url http://127.0.0.1:9000/callbacks
      msgcore simulator advance 15m
    """
    if context.invoked_subcommand is None:
        _run(no_inspect, ready_file, options)


def _run(no_inspect: bool, ready_file: Path | None, options: dict[str, Any]) -> None:
    try:
        from transports.simulator.service.server import remove_ready_file, serve, write_ready_file
        from transports.simulator.service.service import Service
        from transports.simulator.service.settings import ServiceSettings
    except ModuleNotFoundError as error:
        raise MissingExtraError("the simulator as a server", "simulator") from error
    settings = ServiceSettings(
        retry_seconds=options.pop("retry_interval"),
        media_octets=options.pop("media_limit") * 2**20,
        allows_private_callbacks=not options.pop("public_callbacks_only"),
        inspects=not no_inspect,
        **options,
    )

    if ready_file is not None:
        remove_ready_file(ready_file)

    def on_ready(service: Service) -> None:
        if ready_file is not None:
            write_ready_file(ready_file, service.ready)
        greet(service.ready, settings, service.earlier_users, service.earlier_dashboard_users)

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(settings, on_ready, stop)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())


def _loop_factory() -> Any:
    try:
        import uvloop
    except ModuleNotFoundError:
        return None
    return uvloop.new_event_loop


@simulator_command.command("advance", short_help="Let time of a running simulator pass at once.")
@click.argument("duration", metavar="DURATION")
@control_options
def advance_command(duration: str, control_url: str) -> None:
    """Let DURATION of the provider's time pass at once: 90s, 15m, 26h, 2d.

    Retries of callbacks that fall into it are made, one after another.
    """
    clock = ask(control_url, "POST", "/clock/advance", {"by": duration})
    sys.stdout.write(f"{clock['time']}\n")


__all__ = ["simulator_command"]
