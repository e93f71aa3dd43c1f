"""The plugin as pytest loads it: runs of pytest within this run, and beside it."""

import json
import os
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

import transports.pytest_plugin.simulator  # noqa: F401 # kept loaded over the runs within, which would load it again each time

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "test_welcome.py"
GUIDE = ROOT / "docs" / "testing.md"
QUIET = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:benchmark",
    "-p",
    "no:cov",
    "-o",
    "asyncio_default_fixture_loop_scope=function",
)

SENDS = """
    from msgcore import Message

    def send(account, text="hello", to="+19195550123"):
        return account.client().send(Message(to=to, from_=account.number, text=text))
"""


@pytest.fixture
def tests(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(sending=SENDS)
    pytester.syspathinsert()
    return pytester


# Of the run inside this one, which finds modules of this one already imported, nothing else may be warned of.
STRICT = ("-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def run(tests: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return tests.runpytest_inprocess(*QUIET, *arguments)


def test_our_own_run_is_without_it(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.get_plugin("msgcore") is None


def test_the_fixtures_the_option_and_the_marker_are_documented(tests: pytest.Pytester) -> None:
    for argument in ("--fixtures", "--help", "--markers"):
        result = run(tests, argument)
        if argument == "--fixtures":
            for name in ("simulator *session scope*", "messaging_account", "inbox", "callbacks", "clock"):
                result.stdout.fnmatch_lines(f"{name.replace('[', '[[]')}*plugin.py:*")
        else:
            result.stdout.fnmatch_lines("*--msgcore-server*" if argument == "--help" else "@pytest.mark.messaging(*")


def test_a_test_that_uses_all_fixtures_passes(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
        from sending import send

        def test_it(simulator, messaging_account, inbox, callbacks, clock):
            callbacks.fail_next(1)
            send(messaging_account, "hello")
            assert inbox.wait_for(text="hello").to == "+19195550123"
            inbox.assert_none()
            clock.advance("5m")
            assert [attempt.status for attempt in callbacks.attempts] == [503, 200, 200]
            assert simulator.as_server is False
        """
    )
    run(tests, "--strict-markers", *STRICT).assert_outcomes(passed=1)


def test_waiting_in_vain_shows_what_did_arrive(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
        from sending import send

        def test_it(messaging_account, inbox):
            send(messaging_account, "your code is 1234")
            send(messaging_account, "and more", to="+19195554720")
            inbox.wait_for(text="your code is 4321", timeout_seconds=0)
        """
    )
    result = run(tests)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*inbox.wait_for(text=*",
            "E*no unread message with text 'your code is 4321' has arrived",
            "E*messages: 2 sent, 1 arrived",
            "E*+19195550123  +19195550100  delivered  *'your code is 1234'",
            "E*+19195554720  +19195550100  failed: 4720 invalid-destination-address  *'and more'",
            "E*callbacks: 4 posted, answered 200, 200, 200, 200",
            "test_*.py:6: InboxError",  # the line of the test, none of the plugin's
        ]
    )
    # Where CI is set, the summary repeats errors whole.
    failures, _, _ = result.stdout.str().partition("short test summary info")
    assert failures.count("messages: 2 sent") == 1


def test_any_other_failure_shows_it_below(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
        from sending import send

        def test_it(messaging_account, inbox):
            send(messaging_account)
            assert inbox.wait_for().segment_count == 2

        def test_without(tmp_path):
            assert False
        """
    )
    result = run(tests)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*assert 1 == 2*", "*- messaging account 99* -*", "messages: 1 sent, 1 arrived"])
    assert result.stdout.str().count("messaging account") == 1


def test_a_marker_chooses_rate_and_era(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.messaging(profile="v2-2019")

        @pytest.mark.messaging(rate=7)
        def test_both(messaging_account):
            assert messaging_account.rate == 7
            assert messaging_account._control._provider.profile.name == "v2-2019"

        @pytest.mark.messaging(speed=7)
        def test_wrong(messaging_account):
            pass
        """
    )
    result = run(tests, "--strict-markers")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines("*messaging: expected rate, profile or server, got 'speed'")


def test_coroutines_of_both_kinds_of_plugin_use_it(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
        import pytest
        from msgcore import Message

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        async def scenario(account, inbox, callbacks):
            async with account.async_client() as client:
                await client.send(Message(to="+19195550123", from_=account.number, text="hello"))
                await inbox.wait_for_async(text="hello")
                await inbox.assert_none_async()
            assert callbacks.events

        @pytest.mark.asyncio
        async def test_asyncio(messaging_account, inbox, callbacks):
            await scenario(messaging_account, inbox, callbacks)

        @pytest.mark.anyio
        async def test_anyio(messaging_account, inbox, callbacks):
            await scenario(messaging_account, inbox, callbacks)

        @pytest.mark.anyio
        async def test_waiting_without_await(messaging_account, inbox):
            async with messaging_account.async_client() as client:
                await client.send(Message(to="+19195550123", from_=messaging_account.number, text="hello"))
            inbox.wait_for(text="hello")

        def test_plain(messaging_account, inbox):
            with messaging_account.client() as client:
                client.send(Message(to="+19195550123", from_=messaging_account.number, text="hello"))
            inbox.wait_for(text="hello")
        """
    )
    run(tests, *STRICT).assert_outcomes(passed=4)
    run(tests, *STRICT, "--msgcore-server").assert_outcomes(passed=4)


MANY = """
    import pytest
    from sending import send

    @pytest.mark.parametrize("number", range(8))
    def test_it(messaging_account, inbox, callbacks, clock, number):
        send(messaging_account, f"message {number}")
        assert inbox.wait_for().text == f"message {number}"
        clock.advance("1h")
        inbox.assert_none()
        assert len(callbacks.attempts) == 2
        assert number != 5, "five is wrong"
"""


@pytest.mark.parametrize("flags", [(), ("--msgcore-server",)], ids=["in process", "server"])
def test_workers_of_xdist_do_not_meet(tests: pytest.Pytester, flags: tuple[str, ...]) -> None:
    tests.makepyfile(MANY)
    result = tests.runpytest_subprocess(*QUIET, "-n", "2", *flags, timeout=300)
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(
        ["*five is wrong*", "*- messaging account 99* -*", "messages: 1 sent, 1 arrived", "*'message 5'"]
    )


@pytest.mark.parametrize("flags", [(), ("--msgcore-server",)], ids=["in process", "server"])
def test_the_example_runs(tests: pytest.Pytester, flags: tuple[str, ...]) -> None:
    tests.makepyfile(EXAMPLE.read_text(encoding="utf-8"))
    run(tests, *STRICT, *flags).assert_outcomes(passed=4)


@pytest.mark.skipif(not GUIDE.exists(), reason="the documentation is not part of an installed distribution")
@pytest.mark.parametrize("flags", [(), ("--msgcore-server",)], ids=["in process", "server"])
def test_the_example_of_the_guide_runs(tests: pytest.Pytester, flags: tuple[str, ...]) -> None:
    code = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    tests.makepyfile("\n".join(code))
    run(tests, *STRICT, *flags).assert_outcomes(passed=3)


def test_a_server_is_there_for_a_test_that_needs_one(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
        import os, pytest, subprocess, sys

        @pytest.mark.messaging(server=True, rate=100)
        def test_another_program(messaging_account, inbox, tmp_path):
            campaign = tmp_path / "campaign.csv"
            campaign.write_text(f"to,from,text\\n+19195550123,{messaging_account.number},from a program\\n")
            subprocess.run(
                [sys.executable, "-m", "transports.cli", "send", "--transport", "http", "-q", "--json",
                 "--application", messaging_account.application_id, campaign],
                env={**os.environ, **messaging_account.environment}, check=True,
            )
            inbox.wait_for(text="from a program")
        """
    )
    run(tests).assert_outcomes(passed=1)


IS_USED = """
    import json, sys

    def pytest_unconfigure(config):
        names = sorted(name for name in sys.modules if name.partition(".")[0] in ("msgcore", "transports"))
        print("LOADED", json.dumps(names), "asyncio" in sys.modules)
"""


def test_a_run_that_does_not_use_it_loads_next_to_nothing(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(IS_USED)
    pytester.makepyfile("def test_nothing(): pass")
    plugins = [
        argument for name in ("anyio", "asyncio", "xdist", "hypothesispytest") for argument in ("-p", f"no:{name}")
    ]
    result = pytester.runpytest_subprocess(*QUIET[:-2], *plugins)
    result.assert_outcomes(passed=1)
    (line,) = (line for line in result.outlines if line.startswith("LOADED"))
    names, loads_asyncio = line.removeprefix("LOADED ").rsplit(" ", 1)
    assert json.loads(names) == ["transports", "transports.pytest_plugin", "transports.pytest_plugin.plugin"]
    assert loads_asyncio == "False"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="asks Linux when a process has ended")
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["plain", "xdist"])
def test_a_server_ends_with_a_pytest_that_is_killed(tests: pytest.Pytester, workers: tuple[str, ...]) -> None:
    told = tests.path / "told"
    os.mkfifo(told)
    tests.makepyfile(
        f"""
        import os, time

        def test_it(simulator, messaging_account):
            with open({str(told)!r}, "w") as file:
                file.write(f"{{os.getpid()}} {{simulator._servers['v2-now']._process.pid}}")
            while True:
                time.sleep(60)
        """
    )
    command = [sys.executable, "-m", "pytest", *QUIET, "--msgcore-server", *workers]
    with subprocess.Popen(command, cwd=tests.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            tester, server = map(int, told.read_text().split())
            ended = os.pidfd_open(server)
            try:
                os.kill(tester, 9)  # the worker, where there is one
                assert select.select([ended], [], [], 60)[0], "the server still runs"
            finally:
                os.close(ended)
        finally:
            process.kill()


def test_a_server_that_cannot_start_says_why(tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    tests.makepyfile(uvicorn="raise ModuleNotFoundError('No module named uvicorn', name='uvicorn')")
    tests.makepyfile("def test_it(messaging_account): pass")
    monkeypatch.setenv("PYTHONPATH", str(tests.path))
    result = run(tests, "--msgcore-server")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*pip install 'msgcore[[]simulator]'*")
