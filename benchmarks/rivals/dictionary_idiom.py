"""What most code bases write: a dictionary of parts by sender and reference, joined when all are there.

It never forgets what stays incomplete, takes a reference used again for the old message, and reads each part alone, so
an escape or a surrogate pair that a sender cut in two is lost.
"""

from msgcore.encoding.user_data import UserData


class Reassembler:
    def __init__(self) -> None:
        self._open: dict[tuple[str, int], dict[int, str | None]] = {}

    def add(self, data: UserData, *, sender: str, recipient: str, now: float) -> str | None:
        concatenation = data.header.concatenation
        if concatenation is None:
            return data.text
        key = (sender, concatenation.reference)
        parts = self._open.setdefault(key, {})
        parts[concatenation.number] = data.text
        if len(parts) < concatenation.total:
            return None
        del self._open[key]
        return "".join(parts[number] or "" for number in sorted(parts))
