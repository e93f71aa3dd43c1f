"""The public names: what is promised is there, loads lazily, and costs next to nothing to import."""

import json
import subprocess
import sys

import pytest

import msgcore
import transports

PROMISED = """
    Alphabet detect count_segments analyze segment ReferenceCounter Reassembler to_gsm7 encode_gsm7 decode_gsm7
    pack_septets unpack_septets UserDataHeader InformationElement is_e164 is_valid_number parse_number PhoneNumber
    sender_kind plan_group estimate Message Accepted decode_callbacks delivery_code Client AsyncClient open_transport
    Transport Request Response Clock CallbackSource Outbox
""".split()

LIGHT_IMPORT = """
import sys, time
before = set(sys.modules)
start = time.process_time()
import msgcore
seconds = time.process_time() - start
import json
print(json.dumps({"seconds": seconds, "loaded": sorted(set(sys.modules) - before)}))
"""


@pytest.mark.parametrize("name", PROMISED)
def test_each_promised_name_is_public(name: str) -> None:
    assert name in msgcore.__all__


@pytest.mark.parametrize("name", msgcore.__all__)
def test_each_public_name_loads_and_is_documented(name: str) -> None:
    assert (getattr(msgcore, name).__doc__ or "").strip()


@pytest.mark.parametrize("module", [msgcore, transports], ids=lambda module: module.__name__)
def test_the_list_of_public_names_is_sorted_and_names_each_once(module: object) -> None:
    names = module.__all__  # type: ignore[attr-defined]
    assert names == sorted(set(names), key=lambda name: (not name.isupper(), name))  # constants first
    assert set(names) <= set(dir(module))


@pytest.mark.parametrize("module", [msgcore, transports], ids=lambda module: module.__name__)
def test_an_unknown_name_is_an_attribute_error(module: object) -> None:
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        module.frobnicate  # type: ignore[attr-defined]


def test_importing_msgcore_is_quick_and_loads_nothing_heavy() -> None:
    runs = []
    for _ in range(3):  # the quickest of three, by what it has worked and not by what it has waited
        run = subprocess.run([sys.executable, "-c", LIGHT_IMPORT], capture_output=True, text=True, check=True)
        runs.append(json.loads(run.stdout))
    assert min(run["seconds"] for run in runs) < 0.020
    assert not {"msgspec", "asyncio", "click", "rich", "phonenumbers"} & set(runs[0]["loaded"])


def test_the_unicode_edition_is_told() -> None:
    assert msgcore.UNICODE_VERSION == "18.0.0"


def test_both_packages_say_that_they_are_typed() -> None:
    from importlib import resources

    for package in ("msgcore", "transports"):
        assert resources.files(package).joinpath("py.typed").is_file()
