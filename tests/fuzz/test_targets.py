"""Every fuzz target takes its seeds, and what is left of them when they are damaged."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import run
from tests.fuzz.damage import damaged
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_takes_its_seeds_and_nothing_at_all(name: str) -> None:
    check, seeds = TARGETS[name]
    assert seeds
    for seed in (*seeds, b""):
        check(seed)


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_every_target_takes_damaged_seeds_and_any_octets(name: str, data: st.DataObject) -> None:
    check, seeds = TARGETS[name]
    check(data.draw(damaged(seeds) | st.binary(max_size=200)))


def broken(data: bytes) -> None:
    raise IndexError(data)


def test_what_is_not_documented_gets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that swallowed everything would find nothing."""
    for name, (check, seeds) in TARGETS.items():
        module = vars(__import__(check.__module__, fromlist=["x"]))
        with monkeypatch.context() as patch:
            for called in module:
                if called.startswith(("decode_", "unpack_", "pack_", "split_")) or called in CLASSES:
                    patch.setitem(module, called, stand_in(module[called]))
            with pytest.raises((IndexError, AssertionError)):
                check(seeds[0])
            assert name


CLASSES = {"UserDataHeader", "SmsSubmit", "SmsDeliver", "SmsStatusReport", "Address", "Timestamp"}
CLASSES |= {"CallbackReceiver", "Campaign", "FileTransport", "MdrReader", "Reassembler", "read_whole_answer", "segment"}


def stand_in(original: object) -> Callable[..., object]:
    def raising(*arguments: object, **options: object) -> object:
        raise IndexError

    raising.decode = raising  # type: ignore[attr-defined]
    return raising


def test_the_command_names_the_targets(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["no-such-target"])
    assert "campaign_csv" in capsys.readouterr().err
