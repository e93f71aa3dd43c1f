"""Accounts beside each other, and what each may be asked."""

import pytest

from msgcore.errors import LocalError
from tests.transports.simulator.provider_requests import (
    ACCOUNT,
    HANDSET,
    LONG_CODE,
    START,
    answer_all,
    body_of,
    get,
    provider,
    put,
    sample,
    send,
)
from tests.transports.simulator.requests import create
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.records import Settings
from transports.simulator.engine import Access
from transports.simulator.faults import Fault, FaultKind
from transports.simulator.inbound import Inbound
from transports.simulator.search.requests import SearchLimit


def test_accounts_do_not_meet() -> None:
    made = provider()
    made.add(Account.sample("9900001", url="http://localhost:9001/other"))
    made.handle(ACCOUNT, put("a", b"x"), START)
    send(made)
    made.advance(START + 60)
    assert {account_id for account_id, _ in made.due(START + 60)} == {ACCOUNT}
    assert made.handle("9900001", get("media/a"), START + 60).status == 404
    assert body_of(made.handle("9900001", get("messages", "limit=1"), START + 60))["totalCount"] == 0
    assert body_of(made.handle(ACCOUNT, get("messages", "limit=1"), START + 60))["totalCount"] == 1


def test_no_two_messages_of_a_provider_have_one_id_at_the_same_time_from_the_same_seed() -> None:
    made = provider(seed=7)
    for number in range(1, 5):
        made.add(Account.sample(f"990000{number}"))
    ids = [body_of(made.handle(tenant.account.id, create(), START))["id"] for tenant in made.tenants for _ in range(20)]
    made.remove("9900004")
    made.add(Account.sample("9900004"))
    ids += [body_of(made.handle("9900004", create(), START))["id"] for _ in range(20)]
    assert len(set(ids)) == len(ids) == 120
    again = provider(seed=7)
    assert [body_of(again.handle(ACCOUNT, create(), START))["id"] for _ in range(20)] == ids[:20]


def test_a_reset_forgets_who_has_said_stop() -> None:
    made = provider(journal=True)
    made.receive(ACCOUNT, Inbound(HANDSET, (LONG_CODE,), "STOP"), START)
    made.changes()
    made.reset()
    [changes] = made.changes()
    assert changes.messages.account_changed
    assert made[ACCOUNT].account.record().opt_outs == ()


def test_an_account_that_does_not_exist_has_no_valid_credentials() -> None:
    made = provider()
    assert made.get("nobody") is None
    assert made.handle("nobody", create(), START, access=Access.GRANTED).status == 401
    for refused in (made.remove, made.reset, lambda account_id: made[account_id]):
        with pytest.raises(LocalError, match="no account 'nobody'"):
            refused("nobody")
    with pytest.raises(LocalError, match="not taken"):
        made.add(sample())


def test_a_reset_forgets_what_happened_and_keeps_what_was_set_up() -> None:
    made = provider(journal=True)
    record = made[ACCOUNT].account.record()
    made.handle(ACCOUNT, put("a", b"x"), START)
    accepted = send(made)
    made.advance(START + 60)
    answer_all(made, START + 60, 500)
    made[ACCOUNT].faults.add(Fault(what=FaultKind.SLOW))
    made.changes()
    made.reset()
    [changes] = made.changes()
    assert (changes.messages.messages, changes.messages.forgotten) == ((), (accepted["id"],))
    assert (changes.deliveries, changes.forgotten_deliveries) == ((), (1, 2))
    assert made.next_due(START + 60) is None
    assert made.handle(ACCOUNT, get("media/a"), START + 60).status == 404
    assert (made[ACCOUNT].faults.rules, made[ACCOUNT].engine.inspector.messages()) == ((), ())
    assert made[ACCOUNT].account.record() == record
    send(made, START + 61)


def test_changes_are_collected_only_on_request() -> None:
    with pytest.raises(LocalError, match="journal"):
        provider().changes()
    assert provider(journal=True).changes() == []


@pytest.mark.parametrize("settings", [{"queue_seconds": 0}, {"queue_seconds": 14_401}, {"fraction_digits": 4}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(LocalError, match=next(iter(settings))):
        Settings(**settings)  # type: ignore[arg-type]


def test_four_hours_can_be_queued_by_agreement() -> None:
    made = provider(sample(rate=1, queue_seconds=14_400))
    assert made[ACCOUNT].engine.queue_capacity == 14_400


def test_ever_new_addresses_do_not_fill_the_memory_of_the_search_limit() -> None:
    limit = SearchLimit(2)
    for number in range(5000):
        assert limit.wait_seconds(str(number), number) == 0
    assert len(limit._asked) <= 1001
