"""The provider as a server: started as a process of its own, and held by its control API.

Each process of pytest has its own, workers of xdist too: time belongs to the whole server, and a test that pushes it
must not push it for the tests of another worker.
"""

import http.client
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from msgcore.errors import LocalError, MissingExtraError
from msgcore.transport import Transport
from transports.pytest_plugin.callbacks import Callbacks
from transports.pytest_plugin.control import Opening
from transports.pytest_plugin.phone_messages import PhoneMessage
from transports.pytest_plugin.receiver import Receiver
from transports.simulator.search.query import MOST_ROWS

_STOP_SECONDS = 5.0
_CONTROL_SECONDS = 600.0  # pushing time by days makes many callbacks, one after another
_STEP_SECONDS = 1.0
_POLL_SECONDS = 0.02


class Server:
    """A simulator in a process of its own, which ends when this object closes, or this process ends in any way."""

    def __init__(self, profile: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 # open as long as the server runs
        self._process = subprocess.Popen(
            [sys.executable, "-m", "transports.pytest_plugin.server_process", profile],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # Ctrl-C is for pytest, which then closes the pipe
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()  # ends with the process, if it cannot start
        if not line:
            raise self._failure()
        control = urlsplit(json.loads(line)["control_url"])
        self._address, self._path = control.netloc, control.path
        self._receiver = Receiver()

    def _failure(self) -> Exception:
        self._process.wait()
        self._errors.seek(0)
        reason = self._errors.read().decode(errors="replace").strip()
        self.close()
        if "ModuleNotFoundError" in reason:
            return MissingExtraError("the simulator as a server", "simulator")
        return LocalError(f"the simulator could not be started as a server: {reason}")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask for an operation of the control API; LocalError with the reason where it is refused."""
        connection = http.client.HTTPConnection(self._address, timeout=_CONTROL_SECONDS)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, self._path + path, content, {"content-type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise LocalError(f"the simulator's server at {self._address} does not answer: {error}") from error
        finally:
            connection.close()
        value: Any = json.loads(answer) if answer else None
        if response.status >= 400:
            raise LocalError(f"the simulator refuses {method} {path}: {value['description']}")
        return value

    def open_account(self, callbacks: Callbacks, *, rate: float) -> "ServerAccount":
        """Open an account whose callbacks come to this process."""
        name = secrets.token_hex(8)
        url = self._receiver.add(name, callbacks)
        ready = self.ask("POST", "/accounts", {"rate": rate, "callback_url": url})
        opening = Opening(
            account_id=ready["account_id"],
            user=ready["user"],
            password=ready["password"],
            application_id=ready["application_id"],
            numbers=tuple(ready["numbers"]),
            base_url=ready["base_url"],
        )
        return ServerAccount(self, opening, callbacks, lambda: self._receiver.remove(name))

    def close(self) -> None:
        """Stop it."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self._errors.close()
        if hasattr(self, "_receiver"):
            self._receiver.close()


class ServerAccount:
    """An account on a server."""

    def __init__(self, server: Server, opening: Opening, callbacks: Callbacks, on_close: Any) -> None:
        self.opening = opening
        self._server = server
        self._callbacks = callbacks
        self._on_close = on_close
        self._path = f"/accounts/{opening.account_id}"

    def transport(self) -> Transport:
        """Return a transport over HTTP to the account."""
        from transports.http import HttpTransport

        opening = self.opening
        return HttpTransport(
            opening.base_url or "", account_id=opening.account_id, user=opening.user, password=opening.password
        )

    def now(self) -> float:
        """Return the server's time."""
        return float(self._server.ask("GET", "/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Push the server's time."""
        if seconds > 0:
            self._server.ask("POST", "/clock/advance", {"by": f"{seconds:.6f}s"})

    def step(self, most_seconds: float) -> float | None:
        """Push the server's time by a second, while anything is under way."""
        account = self._server.ask("GET", self._path)
        if most_seconds <= 0 or not (account["open_messages"] or account["callbacks"]["waiting"]):
            return None
        took = min(_STEP_SECONDS, most_seconds)
        self.advance(took)
        return took

    def wait_for_request(self, seconds: float) -> None:
        """Wait a little: who sends to a server is seen by looking again."""
        time.sleep(min(seconds, _POLL_SECONDS))

    def messages(self, message_id: str | None = None) -> list[PhoneMessage]:
        """Return what the account has sent, or one of its messages."""
        query = f"messageDirection=OUTBOUND&limit={MOST_ROWS}"
        if message_id is not None:
            query += f"&messageId={quote(message_id)}"
        rows = self._in_order(self._server.ask("GET", f"{self._path}/messages?{query}"))
        return [
            PhoneMessage(
                id=row["messageId"],
                from_=row["sourceTn"],
                to=row["destinationTn"],
                text=row["text"],
                tag=self._callbacks.tag_of(row["messageId"]),
                kind=row["messageType"],
                status=row["messageStatus"].lower(),
                code=row["errorCode"],
                segment_count=row["segmentCount"],
            )
            for row in rows
        ]

    def _in_order(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return rows, which come newest first, oldest first; those of one millisecond in the order they have left."""
        times = [row["receiveTime"] for row in rows]
        left: dict[str, int] = {}
        if len(set(times)) < len(times):
            for callback in self._server.ask("GET", f"{self._path}/callbacks"):
                for message_id in callback["message_ids"]:
                    left.setdefault(message_id, callback["id"])
        return sorted(rows, key=lambda row: (row["receiveTime"], left.get(row["messageId"], 0)))

    def receive(self, sender: str, to: Sequence[str], text: str, media: Sequence[str]) -> tuple[str, ...]:
        """Let a message come in."""
        body = {"from": sender, "to": list(to), "text": text, "media": list(media)}
        return tuple(self._server.ask("POST", f"{self._path}/inbound", body)["message_ids"])

    def order_fault(self, rule: Mapping[str, Any]) -> None:
        """Let requests go wrong."""
        self._server.ask("POST", f"{self._path}/faults", dict(rule))

    def close(self) -> None:
        """Close the account."""
        self._server.ask("DELETE", self._path)
        self._on_close()


__all__ = ["Server", "ServerAccount"]
