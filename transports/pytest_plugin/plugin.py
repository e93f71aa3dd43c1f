"""What pytest loads: options, the marker, the fixtures.

Every run of pytest in an environment with msgcore imports this module, whether it uses the fixtures or not. So it
imports nothing but pytest; the rest comes with the first test that asks for it.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from transports.pytest_plugin.account import MessagingAccount
    from transports.pytest_plugin.callbacks import Callbacks
    from transports.pytest_plugin.inbox import Inbox
    from transports.pytest_plugin.simulator import Simulator
    from transports.pytest_plugin.time_control import TimeControl

MARKER = (
    "messaging(rate=1, profile='v2-now', server=False): the account of this test: segments per second, the era of "
    "the API ('v2-2019'), and whether it needs the simulator as a server"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one option there is."""
    parser.getgroup("msgcore").addoption(
        "--msgcore-server",
        action="store_true",
        dest="msgcore_server",
        help="run the simulator as a server, one for each process of pytest, and not in the process of the tests",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def simulator(pytestconfig: pytest.Config) -> "Iterator[Simulator]":
    """Return the provider of this session, on which accounts are opened; `messaging_account` is one of them."""
    from transports.pytest_plugin.simulator import Simulator

    with Simulator(as_server=pytestconfig.getoption("msgcore_server")) as simulator:
        yield simulator


@pytest.fixture
def messaging_account(request: pytest.FixtureRequest, simulator: "Simulator") -> "Iterator[MessagingAccount]":
    """Return an account that this test alone has: client(), transport(), numbers, receive(), order_fault()."""
    from transports.pytest_plugin.simulator import AccountOptions

    try:
        options = AccountOptions.read(request.node.iter_markers("messaging"))
    except (TypeError, ValueError) as error:
        raise pytest.UsageError(f"{request.node.nodeid}: {error}") from error
    with simulator.open_account(options) as account:
        yield account


@pytest.fixture
def inbox(messaging_account: "MessagingAccount") -> "Inbox":
    """Return what the phones of the recipients get: wait_for(to=..., text=...), assert_none()."""
    return messaging_account.inbox


@pytest.fixture
def callbacks(messaging_account: "MessagingAccount") -> "Callbacks":
    """Return where the account's callbacks go: events, attempts, fail_next(n), deliver_to(handler)."""
    return messaging_account.callbacks


@pytest.fixture
def clock(messaging_account: "MessagingAccount") -> "TimeControl":
    """Return the provider's time: now(), advance("15m")."""
    return messaging_account.clock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say under a failure what did arrive, unless the failure itself says it."""
    report = yield
    account = getattr(item, "funcargs", {}).get("messaging_account")
    is_told = call.excinfo is None or getattr(call.excinfo.value, "shows_what_arrived", False)
    if account is not None and report.failed and not is_told:
        report.sections.append((f"messaging account {account.account_id}", account.describe()))
    return report
