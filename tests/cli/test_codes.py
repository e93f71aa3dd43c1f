"""msgcore codes: every published delivery code, and an honest answer for the others."""

import json

from click.testing import CliRunner, Result

from transports.cli.command import cli


def codes(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["codes", *arguments])


def test_all_82_codes_are_listed() -> None:
    listed = json.loads(codes("--json").stdout)
    assert len(listed) == 82
    assert {"4001", "9999"} <= set(codes().stdout.split())


def test_one_code_is_explained() -> None:
    printed = codes("4775").stdout
    assert "destination-rejected-due-to-user-opt-out" in printed
    assert json.loads(codes("4775", "--json").stdout)["retryable"] is False


def test_an_unpublished_code_is_classified_by_its_digits_and_marked() -> None:
    printed = codes("4799").stdout
    assert "not published" in printed
    assert json.loads(codes("4799", "--json").stdout)["known"] is False


def test_what_is_no_number_is_refused_with_status_2() -> None:
    result = codes("abc")
    assert result.exit_code == 2
    assert "'abc' is not a valid integer" in result.stderr
