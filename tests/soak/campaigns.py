"""Campaigns in which every message has a recipient of its own, which tells the message wherever it is seen."""

from pathlib import Path

MOST = 80_000
EXPIRING = 10
"""One message of so many has an expiration, where a campaign is given one."""


def recipient(index: int) -> str:
    """Return the number of message ``index``, counted from 0."""
    return f"+1919{2_000_000 + index}"


def write_campaign(path: Path, count: int, sender: str, *, expiration: str = "") -> list[str]:
    """Write a campaign of ``count`` rows, of which each tenth has that expiration, and return their recipients."""
    assert count <= MOST
    recipients = [recipient(index) for index in range(count)]
    with path.open("w", encoding="utf-8") as file:
        file.write("to,from,text,tag,expiration\n")
        for index, to in enumerate(recipients):
            until = "" if index % EXPIRING else expiration
            file.write(f"{to},{sender},Row {index} of a long campaign,row-{index},{until}\n")
    return recipients
