"""What an account has, and what follows from it when a message's turn comes."""

import msgspec
import pytest

from msgcore.errors import LocalError
from tests.transports.simulator.provider_requests import (
    APPLICATION,
    HANDSET,
    LONG_CODE,
    NAME,
    P2P,
    SHORT_CODE,
    START,
    TOLL_FREE,
    engine,
    extra_number,
    put,
    sample,
)
from tests.transports.simulator.requests import create, events, outline, run
from transports.simulator import Engine
from transports.simulator.accounts.account import SAMPLE_LOCATION_ID, Account
from transports.simulator.accounts.profiles import TOLL_FREE_MESSAGE_BYTES
from transports.simulator.accounts.records import (
    AccountRecord,
    Application,
    CallbackCredential,
    Credential,
    Location,
    Number,
    NumberClass,
    Settings,
)

GROUP = [HANDSET, "+19195550124"]
MEDIA = ["https://example.org/a.png"]


def end(made: Engine, **fields: object) -> int:
    """Send one message; the code all its recipients end with."""
    codes = {event.get("errorCode", 0) for event in run(made, **fields) if event["type"] != "message-sent"}  # type: ignore[arg-type]
    codes -= {0} if len(codes) > 1 else set()
    [code] = codes
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize("sender", [LONG_CODE, P2P, TOLL_FREE, SHORT_CODE, NAME])
def test_the_sample_account_can_send_at_once_from_a_number_of_each_class(sender: str) -> None:
    assert end(engine(), from_=sender) == 0


@pytest.mark.parametrize(
    "fields, code",
    [
        ({"from_": "+19195550199"}, 4403),
        ({"from_": "Somebody"}, 4403),
        ({"applicationId": "another"}, 4452),
        ({"from_": TOLL_FREE, "to": GROUP}, 4001),
        ({"from_": SHORT_CODE, "to": GROUP}, 4001),
        ({"from_": P2P, "to": GROUP}, 0),
        ({"to": "+525512345678"}, 4432),
        ({"to": "+12425550123"}, 4432),
        ({"to": LONG_CODE}, 4401),
        # a directive reaches whatever the account allows
        ({"from_": "+19195550199", "tag": "sim:code=0"}, 0),
    ],
)
def test_each_rule_after_the_202_has_its_code(fields: dict[str, object], code: int) -> None:
    assert end(engine(), **fields) == code


def test_an_application_of_another_location_is_wrong() -> None:
    account = sample()
    account.put_application(Application(id="b"))
    account.put_location(Location(id="2", application_id="b"))
    account.put_number(extra_number("+19195550150", NumberClass.A2P_LONG_CODE, "2"))
    assert end(engine(account), from_="+19195550150", applicationId="b") == 0
    assert end(engine(account), from_="+19195550150", applicationId=APPLICATION) == 4452
    assert end(engine(account), from_=LONG_CODE, applicationId="b") == 4452


@pytest.mark.parametrize(
    "services, fields, code",
    [
        ({"sms": False}, {}, 4403),
        ({"mms": False}, {"media": MEDIA}, 4001),
        ({"mms": False}, {}, 0),
        ({"toll_free": False}, {"from_": TOLL_FREE}, 4433),
        ({"short_code": False}, {"from_": SHORT_CODE}, 4431),
        ({"application_id": None}, {}, 4452),
    ],
)
def test_a_location_says_which_services_it_has(
    services: dict[str, object], fields: dict[str, object], code: int
) -> None:
    account = sample()
    location = account.location(SAMPLE_LOCATION_ID)
    assert location is not None
    account.put_location(msgspec.structs.replace(location, **services))
    assert end(engine(account), **fields) == code


def test_a_number_that_is_not_enabled_may_not_send() -> None:
    account = sample()
    number = account.number(LONG_CODE)
    assert number is not None
    account.put_number(msgspec.structs.replace(number, enabled=False))
    assert end(engine(account)) == 4403


def test_zones_are_switches_of_a_location_and_their_countries_are_configuration() -> None:
    to = "+525512345678"
    zones = {"1": 1, "52": 3}
    assert end(engine(sample(zone_map=zones)), to=to) == 4432
    assert end(engine(sample(zone_map=zones, zones={1, 3})), to=to) == 0
    # MMS reach is the home market alone
    assert end(engine(sample(zone_map=zones, zones={1, 3})), to=to, media=MEDIA) == 4432
    assert end(engine(sample(zone_map=None)), to=to) == 0


def test_of_two_beginnings_of_a_number_the_longer_one_says_the_zone() -> None:
    account = sample(zone_map={"1": 1, "1242": 4, "12425550": 1})
    assert [account.zone_of(number) for number in ("+12425551234", "+12425550123", "+19195550123", "+331")] == [
        4,
        1,
        1,
        0,
    ]


@pytest.mark.parametrize(
    "sender, octets, code",
    [
        (TOLL_FREE, TOLL_FREE_MESSAGE_BYTES, 0),
        (TOLL_FREE, TOLL_FREE_MESSAGE_BYTES + 1, 4411),
        (LONG_CODE, TOLL_FREE_MESSAGE_BYTES + 1, 0),
    ],
)
def test_media_of_the_account_count_with_their_real_size(sender: str, octets: int, code: int) -> None:
    made = engine()
    assert made.handle(put("a.png", bytes(octets - 10)), START).status == 204
    assert made.handle(put("b.png", bytes(10)), START).status == 204
    media = [made.media.url("a.png"), made.media.url("b.png")]
    assert end(made, from_=sender, media=media, text=None) == code


@pytest.mark.parametrize(
    "sender, size, code",
    [(TOLL_FREE, "525KB", 0), (TOLL_FREE, "526KB", 4411), (LONG_CODE, "3MB", 0), (LONG_CODE, "4MB", 4411)],
)
def test_media_elsewhere_are_as_large_as_the_tag_says(sender: str, size: str, code: int) -> None:
    assert end(engine(), from_=sender, media=MEDIA, tag=f"sim:size={size}") == code


@pytest.mark.parametrize(
    "content_type, code", [("image/png", 0), ("Image/PNG; x=y", 0), (None, 4412), ("application/x-msdownload", 4412)]
)
def test_media_need_a_content_type_that_is_allowed(content_type: str | None, code: int) -> None:
    made = engine()
    made.handle(put("menu/a%20b.png", b"...", content_type), START)
    assert end(made, media=[made.media.url("menu/a b.png")]) == code


def test_media_that_are_not_there_or_no_longer_are_unavailable() -> None:
    made = engine()
    made.handle(put("a.png", b"..."), START)
    assert end(made, now=START + 47 * 3600, media=[made.media.url("a.png")]) == 0
    made.handle(put("a.png", b"..."), START + 40 * 86400)
    assert end(made, now=START + 42 * 86400, media=[made.media.url("a.png")]) == 4410
    assert end(engine(), media=[made.media.url("nothing.png")]) == 4410


def test_a_p2p_number_sends_one_segment_a_second_and_holds_nobody_back() -> None:
    made = engine(sample(rate=10))
    for sender in (P2P, LONG_CODE):
        for _ in range(3):
            assert made.handle(create(from_=sender), START).status == 202
    sent = [
        (event["message"]["from"], event["time"][17:23])
        for event in events(made.advance(START + 60))
        if event["type"] == "message-sent"
    ]
    assert sent == [
        (P2P, "00.100"), (LONG_CODE, "00.200"), (LONG_CODE, "00.300"),
        (LONG_CODE, "00.400"), (P2P, "01.100"), (P2P, "02.100"),
    ]  # fmt: skip


def test_a_group_from_a_p2p_number_counts_once_per_recipient() -> None:
    made = engine(sample(rate=10))
    found = run(made, from_=P2P, to=[HANDSET, "+19195550124", "+19195550125"])
    sending = [event["time"][17:23] for event in found if event["type"] == "message-sending"]
    assert sending == ["00.100", "01.100", "02.100"]


def test_a_number_can_have_another_rate_of_its_own() -> None:
    account = sample(rate=10)
    number = account.number(LONG_CODE)
    assert number is not None
    account.put_number(msgspec.structs.replace(number, rate=0.5))
    made = engine(account)
    assert run(made, text="a" * 400)[0]["time"] == "2026-01-01T00:00:04.100Z"


def test_other_settings_hold_from_the_moment_they_are_given() -> None:
    made = engine(sample(rate=1))
    for _ in range(10):
        made.handle(create(), START)
    made.change_settings(Settings(rate=100, queue_seconds=14_400, open_senders=True, open_applications=True), START + 1)
    assert (made.rate, made.queue_capacity) == (100, 1_440_000)
    assert len(made.advance(START + 60)) == 20
    with pytest.raises(LocalError, match="rate"):
        made.change_settings(msgspec.structs.replace(made.account.settings, rate=-1), START + 61)
    assert made.rate == 100


# -------------------------------------------------------------------------------------------------------- the records


def test_an_account_goes_into_one_record_and_comes_back() -> None:
    account = sample(zones={1, 2})
    account.put_credential(Credential("user", "scrypt:..."))
    account.opt_outs.add((LONG_CODE, HANDSET))
    record = account.record()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=AccountRecord) == record
    assert Account.from_record(record).record() == record


def test_no_secret_is_shown() -> None:
    shown = repr(
        [Credential("user", "secret-1"), Application(id="a", callback_credential=CallbackCredential("u", "secret-2"))]
    )
    assert "user" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    "record, message",
    [
        (Application(id=""), "id: expected some text"),
        (Application(id="x", callback_url="ftp://example.org"), "expected http"),
        (Application(id="x", inbound_url="http://"), "a host"),
        (Application(id="x", callback_url="http://example.org:99999"), "out of range"),
        (Application(id="x", outbound_url="http://example.org:22"), "port 22 is not allowed"),
        (Application(id="x", callback_types=frozenset({"message-read"})), "message-read"),
        (Application(id="x", batch_limit=0), "batch_limit"),
        (Location(id="x", application_id="nowhere"), "no application 'nowhere'"),
        (Location(id="x", zones=frozenset({2})), "zone 1"),
        (Location(id="x", zones=frozenset({1, 6})), "1 to 5"),
        (extra_number("nine", NumberClass.TOLL_FREE), "'nine' has the form of a alphanumeric"),
        (extra_number("+1919", NumberClass.P2P_LONG_CODE), "11 digits"),
        (extra_number("+19195550150", NumberClass.P2P_LONG_CODE, "nowhere"), "no location 'nowhere'"),
        (Credential("", "x"), "user"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_and_changes_nothing(record: object, message: str) -> None:
    account = sample()
    before = account.record()
    with pytest.raises(LocalError, match=message):
        match record:
            case Application():
                account.put_application(record)
            case Location():
                account.put_location(record)
            case Number():
                account.put_number(record)
            case Credential():
                account.put_credential(record)
    assert account.record() == before


def test_what_is_in_use_cannot_be_removed() -> None:
    account = sample()
    with pytest.raises(LocalError, match="used by location"):
        account.remove_application(APPLICATION)
    with pytest.raises(LocalError, match="still has numbers"):
        account.remove_location(SAMPLE_LOCATION_ID)
    for number in account.numbers:
        account.remove_number(number.number)
    account.remove_location(SAMPLE_LOCATION_ID)
    account.remove_application(APPLICATION)
    assert (account.numbers, account.locations, account.applications) == ((), (), ())
    with pytest.raises(LocalError, match="no number"):
        account.remove_number(LONG_CODE)


@pytest.mark.parametrize("port", ["", ":80", ":443", ":1024", ":65535"])
def test_callbacks_may_go_to_80_443_and_from_1024_on(port: str) -> None:
    sample().put_application(Application(id="x", callback_url=f"http://example.org{port}/in"))


def test_the_events_an_application_asks_for_are_the_ones_it_gets() -> None:
    account = sample()
    account.put_application(Application(id=APPLICATION, callback_types=frozenset({"message-failed"})))
    assert outline(run(engine(account), to="+19195554720")) == [("message-failed", "+19195554720", 4720)]
    assert outline(run(engine(account))) == []


@pytest.mark.parametrize(
    "url",
    ["http://exa mple/", "http://h\n/x", "https://h/\x7f", "http://user:pass@h/", "http://user@h/", "http://:p@h/"],
)
def test_a_callback_url_that_no_request_could_carry_as_it_is_is_refused(url: str) -> None:
    with pytest.raises(LocalError, match="callback URL"):
        Account.sample(url=url)


def test_no_user_has_a_colon_since_nobody_could_ever_come_in() -> None:
    with pytest.raises(LocalError, match="colon"):
        Account.sample().put_credential(Credential("a:b", "hash"))


@pytest.mark.parametrize(
    "zone_map", [{"": 1}, {"+1": 1}, {"x": 1}, {"\u0661": 1}, {"1" * 16: 1}, {"52": 6}, {"52": -1}]
)
def test_a_map_of_zones_leads_from_digits_to_zones(zone_map: dict[str, int]) -> None:
    with pytest.raises(LocalError, match="zone_map"):
        Settings(zone_map=zone_map)
