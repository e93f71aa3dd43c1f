"""What only the source tree holds, for tests that also run against an installed wheel (``make test-all``)."""

from pathlib import Path

import pytest

import msgcore.tables

TABLE_SOURCES = Path(msgcore.tables.__file__).parent / "sources"

needs_table_sources = pytest.mark.skipif(
    not TABLE_SOURCES.is_dir(), reason="the sources of the tables are in the source tree, not in a wheel"
)
