"""How an account stands at a moment: time, queues, callbacks, faults."""

import msgspec

from transports.simulator.faults import Fault
from transports.simulator.provider import Tenant
from transports.simulator.service.clock import ServiceClock
from transports.simulator.service.watching.feed import Sample


class ClockState(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's time, and how it goes on."""

    now: float
    speed: float
    paused: bool


class QueueState(msgspec.Struct, frozen=True):
    """Segments that wait, how many may, and how many go out in a second."""

    queued: int
    capacity: int
    rate: float


class CallbackState(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of callbacks: ``never_tried`` go before those to be tried again."""

    waiting: int
    never_tried: int
    under_way: int
    delivered: int
    dropped: int
    nowhere: int
    attempts: int


class AccountState(msgspec.Struct, frozen=True, kw_only=True):
    """An account at a moment of the provider's time."""

    clock: ClockState
    sms: QueueState
    mms: QueueState
    messages: int
    open_messages: int
    callbacks: CallbackState
    faults: tuple[Fault, ...]
    texts_kept: int


def state_of_account(tenant: Tenant, clock: ServiceClock, sample: Sample) -> AccountState:
    """Return how an account stands."""
    engine, schedule = tenant.engine, tenant.schedule
    counts = schedule.counts
    return AccountState(
        clock=ClockState(now=sample.at, speed=clock.speed, paused=clock.paused),
        sms=QueueState(sample.sms, engine.queue_capacity, engine.rate),
        mms=QueueState(sample.mms, engine.queue_capacity, engine.rate),
        messages=len(engine.history),
        open_messages=engine.open_message_count,
        callbacks=CallbackState(
            waiting=schedule.waiting_count,
            never_tried=schedule.never_tried_count,
            under_way=schedule.under_way_count,
            delivered=counts.delivered,
            dropped=counts.dropped,
            nowhere=counts.nowhere,
            attempts=counts.attempts,
        ),
        faults=tenant.faults.rules,
        texts_kept=engine.inspector.limit,
    )
