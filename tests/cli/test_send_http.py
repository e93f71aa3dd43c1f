"""msgcore send over HTTP: the account comes from the environment, and no secret from the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.transports.http.provider import provider_over_http
from transports.cli.account import VARIABLES
from transports.cli.command import cli

ROWS = "to,from,text\n+19195550123,+19195550100,hello\n+19195550124,+19195550100,again\n"
ACCOUNT = {"MSGCORE_ACCOUNT_ID": "9900000", "MSGCORE_USER": "me", "MSGCORE_PASSWORD": "secret"}
APPLICATION = ("--application", "93de2206-9669-4e07-948d-329f4b722ee2")


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.csv"
    path.write_text(ROWS)
    return path


def send(campaign: Path, *arguments: str, **environment: str) -> Result:
    cleared = dict.fromkeys(VARIABLES.values())
    command = ["send", "--transport", "http", "--quiet", *arguments, str(campaign)]
    return CliRunner().invoke(cli, command, env=cleared | environment)


def test_a_campaign_is_accepted_over_http(campaign: Path) -> None:
    with provider_over_http() as url:
        result = send(campaign, *APPLICATION, **ACCOUNT, MSGCORE_BASE_URL=url)
    assert result.exit_code == 0, result.output


def test_an_option_goes_before_the_environment_and_digits_are_a_name(campaign: Path) -> None:
    with provider_over_http() as url:
        options = ("-o", f"base_url={url}", "-o", "account_id=9900000", "-o", "max_connections=1")
        environment = ACCOUNT | {"MSGCORE_ACCOUNT_ID": "other", "MSGCORE_BASE_URL": "http://127.0.0.1:1"}
        result = send(campaign, *APPLICATION, *options, **environment)
    assert result.exit_code == 0, result.output


def test_no_application_is_made_up_for_real_messages(campaign: Path) -> None:
    with provider_over_http() as url:
        send(campaign, **ACCOUNT, MSGCORE_BASE_URL=url)
    assert "applicationId" in campaign.with_name("campaign.rejects.csv").read_text()


@pytest.mark.parametrize("missing", ACCOUNT)
def test_what_the_account_lacks_is_named(campaign: Path, missing: str) -> None:
    result = send(campaign, **{name: value for name, value in ACCOUNT.items() if name != missing})
    assert result.exit_code == 2
    assert missing in result.output


def test_a_password_on_the_command_line_is_refused_and_not_repeated(campaign: Path) -> None:
    result = send(campaign, "-o", "password=hidden", **ACCOUNT)
    assert result.exit_code == 2
    assert "MSGCORE_PASSWORD" in result.output
    assert "hidden" not in result.output


@pytest.mark.parametrize("option", ["proxy=http://me:hidden@127.0.0.1:1", 'client_certificate=["a", "b", "hidden"]'])
def test_no_other_secret_on_the_command_line_is_taken_either(campaign: Path, option: str) -> None:
    result = send(campaign, "-o", option, *APPLICATION, **ACCOUNT, MSGCORE_BASE_URL="https://127.0.0.1:1")
    assert result.exit_code == 2
    assert "to everybody on this machine" in result.output
    assert "hidden" not in result.output
