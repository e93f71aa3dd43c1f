"""A module imports only lower levels; siblings never import each other; packages only re-export."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import msgcore

ROOT = Path(msgcore.__file__).resolve().parents[1]  # of the tree, or of what is installed

LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"msgcore.errors"}),
    frozenset({"msgcore.tables"}),
    frozenset({"msgcore.kernel"}),
    frozenset({"msgcore.encoding", "msgcore.numbering", "msgcore.wire"}),
    frozenset({"msgcore.columns"}),
    frozenset({"msgcore.planning"}),
    frozenset({"msgcore.delivery"}),
    frozenset({"msgcore.transport"}),
    frozenset({"msgcore.client"}),
    frozenset({"msgcore.testing"}),
    frozenset({"transports.serving"}),
    frozenset(
        {
            "transports.file",
            "transports.http",
            "transports.outbox",
            "transports.simulator",
            "transports.suppressions",
            "transports.webhook",
        }
    ),
    frozenset({"transports.cli", "transports.pytest_plugin"}),
)
LEVEL_OF = {package: level for level, packages in enumerate(LEVELS) for package in packages}
FORBIDDEN_IN_THE_CORE = {
    "asyncio", "socket", "threading", "time", "random", "secrets", "os", "subprocess", "pathlib", "io", "tempfile",
}  # fmt: skip
MAY_DO_IO = {"msgcore.client", "msgcore.testing"}


def modules(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "generated" not in path.parts and not path.is_relative_to(ROOT / "msgcore" / "tables")
    )


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def package_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def is_ours(module: str) -> bool:
    return module.partition(".")[0] in ("msgcore", "transports")


@pytest.mark.parametrize("path", modules("msgcore", "transports"), ids=dotted)
def test_a_module_imports_only_its_own_package_and_lower_levels(path: Path) -> None:
    module = dotted(path)
    here = package_of(module)
    if here in ("msgcore", "transports"):
        return  # the two top packages re-export lazily; the tests of exports cover them
    for name in filter(is_ours, imported(path)):
        there = package_of(name)
        if there == here:
            continue
        assert there in LEVEL_OF, f"{module} imports {name}, which stands on no level"
        assert LEVEL_OF[there] < LEVEL_OF[here], f"{module} imports {name}, which is not below it"


@pytest.mark.parametrize("path", modules("msgcore"), ids=dotted)
def test_the_core_never_imports_a_transport(path: Path) -> None:
    assert not [name for name in imported(path) if name.partition(".")[0] == "transports"]


@pytest.mark.parametrize("path", modules("msgcore"), ids=dotted)
def test_the_core_does_no_input_or_output(path: Path) -> None:
    if package_of(dotted(path)) in MAY_DO_IO:
        return
    assert not FORBIDDEN_IN_THE_CORE & {name.partition(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", modules("transports/simulator"), ids=dotted)
def test_the_pure_provider_knows_nothing_of_its_server(path: Path) -> None:
    if dotted(path).startswith("transports.simulator.service"):
        return
    theirs = {"aiohttp", "apsw", "starlette", "uvicorn"}
    for name in imported(path):
        assert not name.startswith("transports.simulator.service"), path
        assert name.partition(".")[0] not in theirs, path


@pytest.mark.parametrize("path", [p for p in modules("msgcore", "transports") if p.name == "__init__.py"], ids=dotted)
def test_an_init_file_only_re_exports(path: Path) -> None:
    allowed_functions = {"__getattr__", "__dir__", "main"}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        assert not isinstance(node, ast.ClassDef), f"{path} defines {node.name}"
        if isinstance(node, ast.FunctionDef):
            assert node.name in allowed_functions, f"{path} defines {node.name}"


def test_every_package_of_the_tree_stands_on_a_level() -> None:
    packages = {package_of(dotted(path)) for path in modules("msgcore", "transports")} - {"msgcore", "transports"}
    assert packages <= set(LEVEL_OF)
