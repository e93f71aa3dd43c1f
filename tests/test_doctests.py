"""Every example in a docstring runs; those of compiled modules too, which pytest does not collect by itself."""

import doctest
import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import msgcore.encoding
import msgcore.kernel

# An example may use any public name of its package, as a reader at the prompt would after one import.
PACKAGES = [msgcore.kernel, msgcore.encoding]
MODULES = sorted(
    {module.name for package in PACKAGES for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")}
    | {"msgcore.columns"}
)


def examples(module: ModuleType) -> list[doctest.DocTest]:
    names = {**vars(msgcore.encoding), **vars(module)}
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


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_module_run(name: str) -> None:
    output: list[str] = []
    runner = doctest.DocTestRunner()
    for example in examples(importlib.import_module(name)):
        runner.run(example, out=output.append)
    assert not output, "".join(output)


def test_examples_of_compiled_functions_are_found() -> None:
    found = {example.name for example in examples(importlib.import_module("msgcore.kernel.cuts"))}
    assert "count_segments" in found
