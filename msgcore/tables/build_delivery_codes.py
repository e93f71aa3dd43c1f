"""Delivery codes, for ``delivery_code``."""

import csv
from collections.abc import Mapping
from typing import Any

SOURCES = ("delivery_codes.csv",)
PACKAGES: tuple[str, ...] = ()

UNNAMED = "(none published)"
ANSWERS = {"yes": True, "no": False, "unknown": None}


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """List the codes in ascending order as (code, name, category, meaning, retryable, billable)."""
    lines = [line for line in sources["delivery_codes.csv"].splitlines() if not line.startswith("#")]
    rows = [_row(row) for row in csv.DictReader(lines, strict=True)]
    codes = [row[0] for row in rows]
    if codes != sorted(set(codes)):
        raise ValueError("delivery_codes.csv: codes must ascend, each once")
    declaration = "DELIVERY_CODES: Final[tuple[tuple[int, str, str, str, bool | None, bool | None], ...]]"
    return {"delivery_codes.py": {declaration: tuple(rows)}}


def _row(row: Mapping[str, str]) -> tuple[int, str, str, str, bool | None, bool | None]:
    name = "" if row["name"] == UNNAMED else row["name"]
    return int(row["code"]), name, row["category"], row["meaning"], ANSWERS[row["retryable"]], ANSWERS[row["billable"]]
