"""schemathesis (PyPI): asks the simulator's control API all that its own description allows, and much that it does not.

It reads the OpenAPI document that the server serves, makes requests from it, good ones and bad ones, and looks at every
answer: no 5xx, no status and no content type that the document does not name, no body that breaks its schema. Seeded
and bounded. Left out is what takes time by its nature: waiting for messages, and pushing the clock by days.
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
MOST_SECONDS = 180


def judge() -> Verdict:
    with running() as simulator:
        url = f"{simulator.ready.control_url}/openapi.json"
        command = [
            str(ENVIRONMENT.folder / "bin" / "schemathesis"), "run", url, "--no-color", "--workers", "1",
            "--seed", "7", "--max-examples", str(EXAMPLES), "--phases", "coverage,fuzzing",
            "--checks", ",".join(CHECKS), "--exclude-path-regex", "wait|advance",
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ENVIRONMENT.folder, capture_output=True, text=True, timeout=MOST_SECONDS)
        # Whatever it was asked, it is still there.
        assert simulator.control("GET", "/clock").status == 200
    counted = re.search(r"(\d+) generated", done.stdout)
    unexplained = [] if done.returncode == 0 else [f"exit code {done.returncode}:\n{done.stdout}{done.stderr}"]
    if counted is None:
        unexplained.append("it says nothing of what it has asked")
    return Verdict(f"{counted[1] if counted else 0} requests", Counter(), unexplained)
