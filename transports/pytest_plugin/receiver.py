"""Where a server posts callbacks: a small web server in the process of the tests, one for all accounts of a session."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from transports.pytest_plugin.callbacks import Callbacks

_POLL_SECONDS = 0.05


class Receiver:
    """Takes posts to ``/{name}`` for the callbacks of that name."""

    def __init__(self) -> None:
        takers: dict[str, Callbacks] = {}

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                callbacks = takers.get(self.path.removeprefix("/"))
                status = 404 if callbacks is None else callbacks.take(body)
                if status is None:  # no answer at all
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet: what is posted is told with a failure."""

        self._takers = takers
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="msgcore-callbacks", daemon=True
        )
        self._thread.start()

    def add(self, name: str, callbacks: Callbacks) -> str:
        """Take posts for these callbacks; returns the URL."""
        self._takers[name] = callbacks
        return f"http://127.0.0.1:{self._server.server_address[1]}/{name}"

    def remove(self, name: str) -> None:
        """Take no more of them."""
        self._takers.pop(name, None)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


__all__ = ["Receiver"]
