"""What lives on in a data folder, whatever ends the process, and what is never in it."""

import http.client
import os
import signal
from pathlib import Path

import apsw
import pytest

from msgcore.errors import LocalError
from tests.transports.simulator.service.processes import TEXT, ask, process, send
from tests.transports.simulator.service.running import JSON, SECONDS, Simulator, basic, exchange, receiving, running
from transports.simulator.service.settings import Ready
from transports.simulator.service.store import FILE_NAME, Store


def test_what_was_accepted_outlives_a_kill(tmp_path: Path) -> None:
    with process(tmp_path, "--rate", "1") as (running, first):
        ids = [send(first, tag=f"order-{number}") for number in range(20)]
        ask(first, "PUT", "/control/numbers/%2B14155550100", {"rate": 3})
        running.send_signal(signal.SIGKILL)
        assert running.wait(SECONDS) == -signal.SIGKILL
    with process(tmp_path) as (running, second):
        assert second["account_id"] == first["account_id"]
        found = ask(second, "GET", "/control/messages?limit=1000")
        assert {row["messageId"] for row in found} == set(ids)
        # Both pairs open it: the one that was told before, and the new one.
        ask(second, "GET", "/api/v2/users/9900000/media", user=first["user"], password=first["password"])
        assert "+14155550100" in second["numbers"]
        ask(second, "POST", "/control/clock/advance", {"by": "2m"})
        finished = ask(second, "GET", "/control/messages?limit=1000&messageStatus=DELIVERED")
        assert {row["messageId"] for row in finished} == set(ids)
        assert send(second) not in ids
        running.terminate()
        assert running.wait(SECONDS) == 0


def test_callbacks_that_were_not_taken_go_on_after_a_kill(tmp_path: Path) -> None:
    with receiving(500) as receiver, process(tmp_path, "--rate", "1000", "--callback-url", receiver.url) as (_, ready):
        id = send(ready, tag="order-7")
        refused = receiver.next().events[0]
        ask(ready, "GET", f"/control/messages/wait?messageId={id}&messageStatus=DELIVERED&timeout={SECONDS}")
    with receiving() as receiver, process(tmp_path, "--callback-url", receiver.url) as (_, ready):
        ask(ready, "POST", "/control/clock/advance", {"by": "10m"})
        events = [receiver.next().events[0] for _ in range(2)]
        assert sorted(event["type"] for event in events) == ["message-delivered", "message-sent"]
        assert {event["message"]["tag"] for event in events} == {"order-7"}
        assert refused in events


def test_no_text_and_no_password_is_ever_in_the_file(tmp_path: Path) -> None:
    with receiving(500) as receiver, process(tmp_path, "--callback-url", receiver.url) as (running, ready):
        send(ready)
        send(ready, media=["https://example.org/cake.jpg"])
        ask(ready, "POST", "/control/inbound", {"from": "+19195550123", "to": ["+19195550100"], "text": TEXT})
        receiver.next()
        ask(ready, "POST", "/control/clock/advance", {"by": "10m"})
        running.send_signal(signal.SIGKILL)
        running.wait(SECONDS)
        written = b"".join(path.read_bytes() for path in tmp_path.glob(f"{FILE_NAME}*"))
        assert b"cake.jpg" in written or b"+19195550123" in written  # it is the right file
        for secret in (TEXT, TEXT.encode().hex(), ready["password"]):
            assert secret.encode() not in written


def test_no_text_and_no_password_is_ever_printed(tmp_path: Path) -> None:
    with receiving(500) as receiver, process(tmp_path, "--callback-url", receiver.url) as (running, ready):
        send(ready)
        path, origin = f"/api/v2/users/{ready['account_id']}/messages", ready["control_url"].split("/")[2]
        headers = {"authorization": basic(ready["user"], ready["password"]), **JSON}
        for body in (b'{"text":"%b' % TEXT.encode(), b'{"text":["%b"]}' % TEXT.encode(), TEXT.encode()):
            assert exchange(origin, "POST", path, body, headers).status == 400
            assert exchange(origin, "POST", f"/control/{TEXT.replace(' ', '-')}", body, JSON).status == 404
        assert exchange(origin, "POST", path, b"{}", {**headers, "authorization": basic("x", TEXT)}).status == 401
        ask(ready, "POST", "/control/inbound", {"from": "+19195550123", "to": ["+19195550100"], "text": TEXT})
        receiver.next()
        ask(ready, "POST", "/control/clock/advance", {"by": "10m"})
        running.terminate()
        assert running.stdout is not None
        said = running.stdout.read() + (tmp_path / "errors.txt").read_text()
        assert running.wait(SECONDS) == 0
    assert said == ""


def test_the_time_goes_on_from_where_it_was(tmp_path: Path) -> None:
    with running(data=tmp_path) as simulator:
        simulator.control_json("PATCH", "/clock", {"paused": True})
        simulator.control_json("PATCH", "/clock", {"speed": 60})
        before = simulator.control_json("POST", "/clock/advance", {"by": "3d"})
    with running(data=tmp_path) as simulator:
        assert simulator.control_json("GET", "/clock") == before
    with running(data=tmp_path, speed=2) as simulator:
        assert simulator.control_json("GET", "/clock") == before | {"speed": 2}


def test_a_closed_account_and_what_was_reset_do_not_come_back(tmp_path: Path) -> None:
    with running(data=tmp_path) as simulator:
        for id in ("9911111", "9922222"):
            simulator.control_json("POST", "/accounts", {"id": id})
            simulator.control_json("POST", f"/accounts/{id}/inbound", {"from": "+19195550123", "to": "+19195550100"})
        simulator.control_json("DELETE", "/accounts/9911111")
        simulator.control_json("POST", "/accounts/9922222/reset")
    database = apsw.Connection(str(tmp_path / FILE_NAME))
    assert {id for (id,) in database.execute("SELECT id FROM accounts")} == {"9900000", "9922222"}
    assert list(database.execute("SELECT id FROM messages UNION ALL SELECT id FROM deliveries")) == []
    database.close()


def test_somebody_who_says_stop_is_remembered(tmp_path: Path) -> None:
    with running(data=tmp_path) as simulator:
        body = {"from": "+19195550123", "to": ["+19195550100"], "text": "STOP"}
        simulator.control_json("POST", "/inbound", body)
    with running(data=tmp_path) as simulator:
        assert simulator.control_json("GET", "/accounts")[0]["opt_outs"] == [["+19195550100", "+19195550123"]]


def test_a_folder_belongs_to_one_process(tmp_path: Path) -> None:
    with running(data=tmp_path), pytest.raises(LocalError, match="another process uses it"):
        Store(tmp_path)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with running(data=tmp_path / "new"):
        assert os.stat(tmp_path / "new" / FILE_NAME).st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_and_a_later_format_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalError, match="data folder"):
        Store(tmp_path / "file")
    database = apsw.Connection(str(tmp_path / FILE_NAME))
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(LocalError, match="format 99"):
        Store(tmp_path)


def test_what_cannot_be_saved_is_not_answered_and_tried_again(tmp_path: Path) -> None:
    with running(data=tmp_path) as simulator:
        store = simulator.service.life._saver
        assert isinstance(store, Store)
        write = store._write

        async def fail(rows: object) -> None:
            store._write = write  # type: ignore[method-assign]
            raise apsw.FullError("the disk is full")

        store._write = fail  # type: ignore[method-assign]
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            simulator.send("+19195554720")
        assert simulator.send("+19195554721").status == 202
    database = apsw.Connection(str(tmp_path / FILE_NAME))
    assert len(list(database.execute("SELECT id FROM messages"))) == 2
    database.close()


@pytest.mark.parametrize("when", ["at the start", "at the end"])
def test_a_full_disk_is_told_in_a_sentence_and_the_folder_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    async def fail(store: Store, rows: object) -> None:
        raise apsw.FullError("database or disk is full")

    # What ends a simulator comes out of ``running`` inside an assertion.
    with pytest.raises((LocalError, AssertionError), match="could not be saved: database or disk is full"):
        if when == "at the start":
            monkeypatch.setattr(Store, "_write", fail)
        with running(data=tmp_path):
            monkeypatch.setattr(Store, "_write", fail)
    Store(tmp_path).abandon()  # nobody holds it


def test_earlier_pairs_stay_good_and_are_told_of(tmp_path: Path) -> None:
    with running(data=tmp_path) as first:
        assert first.service.earlier_users == ()
    with running(data=tmp_path) as second:
        assert second.ready.user != first.ready.user
        assert second.service.earlier_users == (first.ready.user,)
        assert second.ask("GET", "media").status == second.ask("GET", "media", ready=first.ready).status == 200


def test_a_password_that_is_given_belongs_to_the_first_user_there_was(tmp_path: Path) -> None:
    with running(data=tmp_path) as first:
        assert first.ask("GET", "media").status == 200
    for _ in range(2):
        with running(data=tmp_path, password="tuna") as again:
            assert (again.ready.user, again.ready.password) == (first.ready.user, "tuna")
            assert again.service.earlier_users == ()
            assert again.ask("GET", "media").status == 200
            assert again.ask("GET", "media", ready=first.ready).status == 401


def test_a_user_who_has_a_password_needs_it_to_start_again(tmp_path: Path) -> None:
    with running(data=tmp_path, user="ann") as first:
        assert first.ready.password
    with pytest.raises(LocalError, match="'ann' has a password already"), running(data=tmp_path, user="ann"):
        pass
    with running(data=tmp_path, user="ann", password="tuna") as again:
        assert again.ask("GET", "media").status == 200
    with running(data=tmp_path, user="bob") as again:
        assert again.service.earlier_users == ("ann",)


def test_the_dashboards_pairs_are_kept_by_the_same_rule(tmp_path: Path) -> None:
    def may_look(simulator: Simulator, ready: Ready) -> bool:
        headers = {"authorization": basic(ready.dashboard_user, ready.dashboard_password)}
        return (
            exchange(simulator.address, "GET", f"/api/accounts/{ready.account_id}/sites", headers=headers).status == 200
        )

    with running(data=tmp_path) as first:
        assert first.service.earlier_dashboard_users == ()
    with running(data=tmp_path) as second:
        assert second.ready.dashboard_user != first.ready.dashboard_user
        assert second.service.earlier_dashboard_users == (first.ready.dashboard_user,)
        assert may_look(second, first.ready)
        assert may_look(second, second.ready)
    for _ in range(2):
        with running(data=tmp_path, dashboard_password="tuna") as again:
            assert (again.ready.dashboard_user, again.ready.dashboard_password) == (first.ready.dashboard_user, "tuna")
            assert may_look(again, again.ready)
            assert not may_look(again, first.ready)
    user = first.ready.dashboard_user
    with (
        pytest.raises(LocalError, match=r"has a password already.*--dashboard-password"),
        running(data=tmp_path, dashboard_user=user),
    ):
        pass
    with running(data=tmp_path, dashboard_user=user, dashboard_password="salmon") as again:
        assert may_look(again, again.ready)


def test_nothing_is_shown_that_a_crash_could_undo(tmp_path: Path) -> None:
    with running(data=tmp_path) as simulator:
        store = simulator.service.life._saver
        assert isinstance(store, Store)
        id = simulator.send(tag="sim:delay=0.3s").json["id"]
        write = store._write

        async def fail(rows: object) -> None:
            raise apsw.FullError("the disk is full")

        store._write = fail  # type: ignore[method-assign]
        wait = f"/messages/wait?messageId={id}&messageStatus=DELIVERED&timeout={SECONDS}"
        assert simulator.control("GET", wait).status == 500
        assert simulator.control("GET", "/callbacks").status == 500
        store._write = write  # type: ignore[method-assign]
        assert simulator.control("GET", wait).status == 200
