"""Every example in a docstring and in the README runs; those of compiled modules too, which pytest does not collect."""

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import msgcore
import transports

README = Path(__file__).resolve().parents[1] / "README.md"

FLAGS = doctest.ELLIPSIS
MODULES = sorted(
    module.name
    for package in (msgcore, transports)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.startswith("msgcore.tables.") and not module.name.endswith("__main__")
)


def examples(module: ModuleType) -> list[doctest.DocTest]:
    # An example may use any public name, as a reader at the prompt would after one import.
    names = {name: getattr(msgcore, name) for name in msgcore.__all__} | vars(module)
    owners = [module] + [
        value
        for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    found = []
    for owner in owners:
        label = getattr(owner, "__qualname__", module.__name__)
        members = vars(owner).values() if inspect.isclass(owner) else []
        for item in [owner, *members]:
            text = inspect.getdoc(item) if hasattr(item, "__doc__") else None
            if text and ">>>" in text:
                found.append(doctest.DocTestParser().get_doctest(text, dict(names), label, module.__name__, 0))
    return found


def run(example: doctest.DocTest) -> str:
    output: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(example, out=output.append)
    return "".join(output)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_module_run(name: str) -> None:
    failures = [run(example) for example in examples(importlib.import_module(name))]
    assert not any(failures), "\n".join(failures)


def test_examples_of_compiled_functions_are_found() -> None:
    found = {example.name for example in examples(importlib.import_module("msgcore.kernel.cuts"))}
    assert "count_segments" in found


@pytest.mark.skipif(not README.exists(), reason="the README is not part of an installed distribution")
def test_the_readmes_examples_run() -> None:
    text = README.read_text(encoding="utf-8")
    assert ">>>" in text
    assert run(doctest.DocTestParser().get_doctest(text, {}, "README.md", str(README), 0)) == ""
