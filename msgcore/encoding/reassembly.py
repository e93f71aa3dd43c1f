"""Segments in any order, duplicated and interleaved, joined into whole messages.

How this works. Segments belong together when sender, recipient, reference, its width and the total agree. The first
opens a message, each adds its units; when the last gap closes, the units are joined, decoded as one, and handed out.

Networks repeat segments, so one that is there already with the same units changes nothing and is counted; that holds
for a message that is complete too, which is remembered for ``remember_seconds``. A segment whose number is taken by
*other* units is no repetition but the same reference used again: it opens a new message, which from then on takes the
segments that fit. The older one takes no more; it is handed out when it expires, and until then its repetitions are
known as such. A segment that comes after its message was handed out opens a message of its own, which will expire.

What cannot be told apart, since nothing in a segment tells it:

* A message sent again with the same text and the same reference, between the same two, is taken for a repetition while
  the first is remembered. Where senders do that on purpose (the same alarm every hour, by software that always takes
  reference 0), a ``remember_seconds`` below their interval keeps every one of them.
* Where a reference is used again and the newer message lacks a segment that the older one has too, the newer one takes
  it, repetition or not: messages from one template often end alike, and would else never be complete. Only when the
  like segment comes before any that differs, it counts as a repetition, and the newer message expires without it.

What is given up is never silent: ``expire`` returns it, ``on_drop`` is told of it, and both hold every octet that came.

The joining itself is compiled: ``msgcore.kernel.reassembly``.
"""

from msgcore.kernel.messages import IncompleteMessage, ReassembledMessage
from msgcore.kernel.reassembly import Reassembler

__all__ = ["IncompleteMessage", "ReassembledMessage", "Reassembler"]
