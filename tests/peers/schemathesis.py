"""schemathesis (PyPI): asks the simulator's server all that its descriptions allow, and much that they do not.

It reads the two OpenAPI documents that the server serves, of the V2 API and of the control API, makes requests from
them, good ones and bad ones, and looks at every answer: no 5xx, no status and no content type that the document does
not name, no body that breaks its schema. Seeded and bounded. Left out is what takes time by its nature: waiting for
messages, listening to events, and pushing the clock by days.
"""

import re
import subprocess
from collections import Counter

from tests.peers.environments import PythonEnvironment
from tests.peers.verdicts import Verdict
from tests.transports.simulator.service.running import running

ENVIRONMENT = PythonEnvironment("schemathesis", ("schemathesis==4.32.5",))

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
EXAMPLES = 15
MOST_SECONDS = 900  # after which it hangs: it takes a minute


def judge() -> Verdict:
    with running(user="ann", password="swordfish") as simulator:
        account = f"{simulator.ready.base_url}/users/{simulator.ready.account_id}"
        unexplained, count = [], 0
        for options in (
            [f"{simulator.ready.base_url}/openapi.json", "--url", account, "--auth", "ann:swordfish"],
            [f"{simulator.ready.control_url}/openapi.json", "--exclude-path-regex", "wait|advance|events"],
        ):
            done = ask(options)
            counted = re.search(r"(\d+) generated", done.stdout)
            count += int(counted[1]) if counted else 0
            if done.returncode or not counted:
                unexplained.append(f"exit code {done.returncode}:\n{done.stdout}{done.stderr}")
        # Whatever it was asked, it is still there.
        assert simulator.control("GET", "/clock").status == 200
    return Verdict(f"{count} requests", Counter(), unexplained)


def ask(options: list[str]) -> "subprocess.CompletedProcess[str]":
    command = [
        str(ENVIRONMENT.folder / "bin" / "schemathesis"), "run", *options, "--no-color", "--workers", "1",
        "--seed", "7", "--max-examples", str(EXAMPLES), "--phases", "coverage,fuzzing", "--checks", ",".join(CHECKS),
    ]  # fmt: skip
    return subprocess.run(command, cwd=ENVIRONMENT.folder, capture_output=True, text=True, timeout=MOST_SECONDS)
