"""Each compiled module and its stub name the same things with the same parameters."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import msgcore.kernel

HERE = Path(msgcore.kernel.__file__).parent
MODULES = sorted(module.name for module in pkgutil.iter_modules(msgcore.kernel.__path__))


def signature_in_stub(function: ast.FunctionDef) -> list[tuple[str, bool]]:
    arguments = function.args
    return [(argument.arg, False) for argument in arguments.args] + [
        (argument.arg, True) for argument in arguments.kwonlyargs
    ]


def signature_in_module(function: object) -> list[tuple[str, bool]]:
    assert callable(function)
    parameters = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind is parameter.KEYWORD_ONLY) for parameter in parameters]


@pytest.mark.parametrize("name", MODULES)
def test_stub_and_module_agree(name: str) -> None:
    module = importlib.import_module(f"msgcore.kernel.{name}")
    stub = ast.parse((HERE / f"{name}.pyi").read_text(encoding="utf-8"))
    functions = {node.name: node for node in stub.body if isinstance(node, ast.FunctionDef)}
    classes = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"}
    public = {
        key: value
        for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", None) == module.__name__
    }
    assert set(public) == {*functions, *classes}
    for key, node in functions.items():
        assert signature_in_module(public[key]) == signature_in_stub(node)
    for key, declared in classes.items():
        for member in declared.body:
            if isinstance(member, ast.FunctionDef):
                assert hasattr(public[key], member.name), f"{key}.{member.name}"
