"""What a type checker makes of the public API; read by test_api_types.py, never run.

Each line with ``# is`` reveals the type written behind it.
"""

from typing import reveal_type

import polars

import msgcore
import msgcore.columns
from transports import FileTransport, SimulatorTransport

reveal_type(msgcore.detect("x"))  # is msgcore.tables.alphabets.Alphabet
reveal_type(msgcore.count_segments("x", boundary="character", reference_bits=16))  # is int
reveal_type(msgcore.segment("x", reference=7)[0].user_data)  # is bytes
reveal_type(msgcore.segment("x")[0:1])  # is tuple[msgcore.kernel.segments.Segment, ...]
reveal_type(msgcore.analyze("x").outside_gsm7[0].replacement)  # is str | None
reveal_type(msgcore.to_gsm7("x", best_effort=True, unaccented=True).segment_count_after)  # is int
reveal_type(msgcore.encode_gsm7("x", languages=[msgcore.LanguageTable("turkish", "single")]))  # is bytes
reveal_type(msgcore.UNICODE_VERSION)  # is str
reveal_type(msgcore.pack_septets(b"x", fill_bits=1))  # is bytes
reveal_type(msgcore.is_e164("+19195550123"))  # is bool
reveal_type(msgcore.parse_number("+19195550123").region)  # is str | None
reveal_type(msgcore.parse_number("+19195550123", region="US").kind)  # is msgcore.tables.number_kinds.NumberKind
reveal_type(msgcore.nanp_area(msgcore.PhoneNumber("+19195550123")))  # is msgcore.numbering.nanp.NanpArea | None
reveal_type(msgcore.plan_group("+19195550100", ["+19195550101"]).groups)  # is tuple[tuple[str, ...], ...]
reveal_type(msgcore.delivery_code(4720).retryable)  # is bool | None
reveal_type(msgcore.Message(to=["+19195550123"], from_="+19195550100", text="x").to)  # is tuple[str, ...]
reveal_type(msgcore.open_transport("simulator"))  # is msgcore.transport.Transport
reveal_type(msgcore.columns.count_segments(["x"], errors="null"))  # is array.array[int]
reveal_type(msgcore.columns.analyze(["x"]).units_left)  # is array.array[int]
reveal_type(msgcore.columns.segment(["x"], reference=[7]).user_data)  # is bytes
reveal_type(msgcore.columns.analyze(polars.Series(["x"])))  # is msgcore.kernel.arrow_results.ArrowColumn
reveal_type(msgcore.columns.segment(polars.DataFrame({"text": ["x"]})))  # is msgcore.kernel.arrow_results.ArrowColumn

with msgcore.Client(SimulatorTransport(rate=1), application_id="a") as client:
    reveal_type(client.send(msgcore.Message(to="+1", from_="+1")))  # is msgcore.wire.accepted.Accepted
    for message, outcome in client.send_many([]):
        reveal_type(message)  # is msgcore.kernel.outgoing.Message
        reveal_type(outcome)  # is msgcore.wire.accepted.Accepted | msgcore.errors.MsgcoreError


async def asynchronous(transport: FileTransport) -> None:
    async with msgcore.AsyncClient(transport) as client:
        async for event in client.events():
            reveal_type(event.type)  # is str | None
            if isinstance(event, msgcore.MessageFailed):
                reveal_type(event.error_code)  # is int
