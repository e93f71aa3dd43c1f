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
FINISHED_IN = {"outgoing.Message": "msgcore.wire.messages"}  # a class that needs what stands above says where that is


def public_names(name: str) -> dict[str, object]:
    """What is defined in a module of the kernel and has no underscore in front."""
    module = importlib.import_module(f"msgcore.kernel.{name}")
    return {
        key: value
        for key, value in vars(module).items()
        if not key.startswith("_")
        and getattr(value, "__module__", None) == FINISHED_IN.get(f"{name}.{key}", module.__name__)
    }


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
    stub = ast.parse((HERE / f"{name}.pyi").read_text(encoding="utf-8"))
    functions = {node.name: node for node in stub.body if isinstance(node, ast.FunctionDef)}
    classes = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"}
    public = public_names(name)
    assert set(public) == {*functions, *classes}
    for key, node in functions.items():
        assert signature_in_module(public[key]) == signature_in_stub(node)
    for key, declared in classes.items():
        for member in declared.body:
            if isinstance(member, ast.FunctionDef):
                assert hasattr(public[key], member.name), f"{key}.{member.name}"
