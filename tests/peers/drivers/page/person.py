"""Somebody in front of a browser, with a server of his own that takes callbacks."""

import base64
import http.server
import importlib
import json
import re
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

playwright = importlib.import_module("playwright.sync_api")
expect = playwright.expect

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 800}
PHONE, FAILING = "+19195550123", "+19195554720"


class Receiver:
    """Somebody's server that takes callbacks, or does not: ``status`` says which."""

    def __init__(self) -> None:
        self.status = 200
        self.count = 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                receiver.count += 1
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                content = receiver.attack.encode()
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None: ...

        self.attack = ""
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()


class Person:
    """Somebody in front of a browser, and what he finds wrong."""

    def __init__(self, ready: dict[str, Any], folder: str) -> None:
        self.ready = ready
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.receiver = Receiver()
        self.problems: list[str] = []
        self.figures: dict[str, Any] = {}
        playwright.expect.set_options(timeout=20_000)  # a busy machine takes its time
        self._playwright = playwright.sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        self.open()

    def open(self, theme: str = "light", size: dict[str, int] = WIDE) -> None:
        context = self._browser.new_context(viewport=size, color_scheme=theme, accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(15_000)
        self.page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(f"an error in the page: {error}"))
        self.page.on("dialog", self._asked)
        self.page.on("request", self._requested)

    def _heard(self, message: Any) -> None:
        # A refusal that was asked for is told by the browser as an error, too.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"the console says: {message.text}")

    def _asked(self, dialog: Any) -> None:
        self.problems.append(f"a dialog came up: {dialog.message}")
        dialog.dismiss()

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.ready["page_url"], self.receiver.origin, "data:", "blob:")):
            self.problems.append(f"the page asked {request.url}")

    def go(self, place: str) -> None:
        self.page.goto(f"{self.ready['page_url']}#/{place}")

    def picture(self, name: str) -> None:
        self.page.screenshot(path=str(self.folder / f"{name}.png"))

    def check(self, holds: object, words: str) -> None:
        if not holds:
            self.problems.append(words)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.ready["control_url"] + path,
            None if body is None else json.dumps(body).encode(),
            {"content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            content = response.read()
        return json.loads(content) if content else None

    def send(self, **fields: Any) -> str:
        return str(
            self.control("POST", "/messages", {"from": "+19195550100", "to": PHONE, "text": "hello", **fields})["id"]
        )

    def button(self, name: str | re.Pattern[str]) -> Any:
        return self.page.get_by_role("button", name=name)

    def notice(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#notices")).to_contain_text(text)


def post(person: Person, user: str | None = None, password: str | None = None, **fields: Any) -> int:
    """Ask the V2 API to send; returns the status."""
    pair = (user or person.ready["user"], password or person.ready["password"])
    body = {
        "from": "+19195550100",
        "to": PHONE,
        "text": "hello",
        "applicationId": person.ready["application_id"],
        **fields,
    }
    url = f"{person.ready['base_url']}/users/{person.ready['account_id']}/messages"
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    request.add_header("authorization", basic(*pair))
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def in_base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
