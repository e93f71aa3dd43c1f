"""Bearer tokens: given for credentials, good for an hour, and for no more than the credentials are."""

from typing import Any

import pytest

from tests.transports.simulator.service.running import Answer, Simulator, basic, exchange, running
from transports.simulator.service.tokens import TOKEN_PATH, TOKEN_SECONDS

FORM = {"content-type": "application/x-www-form-urlencoded"}
GRANT = b"grant_type=client_credentials"


def ask_for_token(simulator: Simulator, body: bytes = GRANT, user: str = "", password: str = "") -> Answer:
    known = basic(user or simulator.ready.user, password or simulator.ready.password)
    return exchange(simulator.address, "POST", TOKEN_PATH, body, FORM | {"authorization": known})


def bearer(answer: Answer) -> dict[str, str]:
    return {"authorization": f"Bearer {answer.json['access_token']}"}


def test_a_token_opens_what_its_credentials_open(simulator: Simulator) -> None:
    given = ask_for_token(simulator)
    assert (given.status, given.headers["cache-control"]) == (200, "no-store")
    assert given.json | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
    }
    assert simulator.ask("GET", "media", headers=bearer(given)).status == 200
    other = simulator.control_json("POST", "/accounts")
    path = f"/api/v2/users/{other['account_id']}/media"
    assert exchange(simulator.address, "GET", path, headers=bearer(given)).status == 401
    theirs = ask_for_token(simulator, GRANT, other["user"], other["password"])
    assert exchange(simulator.address, "GET", path, headers=bearer(theirs)).status == 200


@pytest.mark.parametrize(
    "form, status, error",
    [
        (b"grant_type=password", 400, "unsupported_grant_type"),
        (b"", 400, "invalid_request"),
        (b"\xff\0=", 400, "invalid_request"),
        (GRANT + b"&" + GRANT, 400, "invalid_request"),
        (b"x" * 10_000, 400, "invalid_request"),
    ],
)
def test_what_is_no_request_for_a_token_is_refused(simulator: Simulator, form: bytes, status: int, error: str) -> None:
    answer = ask_for_token(simulator, form)
    assert (answer.status, answer.json) == (status, {"error": error})


def test_strangers_get_no_token(simulator: Simulator) -> None:
    for headers in (
        FORM,
        FORM | {"authorization": basic(simulator.ready.user, "wrong")},
        FORM | {"authorization": "x"},
    ):
        answer = exchange(simulator.address, "POST", TOKEN_PATH, GRANT, headers)
        assert (answer.status, answer.json) == (401, {"error": "invalid_client"})
    assert exchange(simulator.address, "GET", TOKEN_PATH).status == 405
    for token in ("", "x", "Bearer", "Bearer ", "Bearer \xff"):
        assert simulator.ask("GET", "media", headers={"authorization": token}).status == 401


def test_a_token_ends_with_its_hour_and_with_its_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as simulator:
        tokens: Any = simulator.service._tokens
        given = bearer(ask_for_token(simulator))
        now = tokens._monotonic()
        monkeypatch.setattr(tokens, "_monotonic", lambda: now + TOKEN_SECONDS - 60)
        assert simulator.ask("GET", "media", headers=given).status == 200
        monkeypatch.setattr(tokens, "_monotonic", lambda: now + TOKEN_SECONDS + 60)
        assert simulator.ask("GET", "media", headers=given).status == 401
        again = bearer(ask_for_token(simulator))
        assert simulator.ask("GET", "media", headers=again).status == 200
        assert len(tokens._grants) == 1
        simulator.control_json("POST", "/credentials", {"user": simulator.ready.user, "password": "new"})
        assert simulator.ask("GET", "media", headers=again).status == 401


def test_the_api_of_2019_knows_no_tokens() -> None:
    with running(profile="v2-2019") as simulator:
        assert ask_for_token(simulator).status == 404
        assert simulator.ask("GET", "media", headers={"authorization": "Bearer x"}).status == 401
