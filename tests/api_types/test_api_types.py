"""The public API has the types that are written in api.py, so a change of one is seen."""

import re
from pathlib import Path

import pytest

API = Path(__file__).with_name("api.py")
ROOT = API.parents[2]


@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="mypy reads its options from the source tree")
def test_a_type_checker_reveals_the_types_that_are_promised() -> None:
    api = pytest.importorskip("mypy.api", reason="mypy is not installed")
    arguments = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache"), str(API)]
    output, errors, _ = api.run(arguments)
    assert errors == ""
    revealed = dict(re.findall(r'api\.py:(\d+): note: Revealed type is "(.*)"', output))
    expected = {
        str(number): line.partition("# is ")[2]
        for number, line in enumerate(API.read_text().splitlines(), start=1)
        if line.lstrip().startswith("reveal_type(")
    }
    assert revealed == expected
    assert ": error:" not in output
