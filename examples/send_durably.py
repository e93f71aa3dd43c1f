"""Send messages so that nothing is lost and nothing sent twice, whatever happens to this script: run it again.

    python examples/send_durably.py

The simulator stands in for the provider. For real messages take HttpTransport, and a store that a receiver fills.
"""

import sys
from pathlib import Path

from msgcore import Accepted, Client, Message
from transports import SimulatorTransport, SqliteOutbox


def reminders() -> list[Message]:
    """The key is what makes a message known again; take it from your own data."""
    return [
        Message(
            to=f"+1919555{1000 + patient}",
            from_="+19195550100",
            text=f"Your appointment is tomorrow at {8 + patient % 9}:00.",
            key=f"reminder-2030-01-31-{patient}",
            expiration="2030-01-31T20:00:00Z",
        )
        for patient in range(25)
    ]


def main(path: Path) -> int:
    outbox = SqliteOutbox(path)
    with Client(SimulatorTransport(rate=10), application_id="reminders", outbox=outbox, rate=10) as client:
        for message, outcome in client.send_many(reminders()):
            print(message.key, "accepted" if isinstance(outcome, Accepted) else outcome)
        client.wait_until_final()
        report = client.ledger.report()
    counts = outbox.counts()
    print(f"{counts.total} messages, {counts.final} of them final;", {s.value: n for s, n in report.states.items()})
    return 0 if counts.final == counts.total else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "reminders.outbox")))
