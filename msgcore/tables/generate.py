"""Write the tables that the kernel and the encoders read: from ``sources/`` (and pinned packages) to ``generated/``.

How this works. Every ``build_*.py`` beside this file is one family of tables and is found by its name; nothing else
has to be touched to add one. It declares what it reads and gives back what is to be written:

``SOURCES``
    names of files in ``sources/``
``PACKAGES``
    names of installed packages whose data it reads; empty for most
``build(sources) -> {file name: {declaration: value}}``
    ``sources`` maps each name in ``SOURCES`` to its text. A file named ``*.h`` declares C (``"unsigned char X[128]"``
    with a sequence, or a bare name with an int for a constant); a file named ``*.py`` declares Python
    (``"X: Final[dict[int, str]]"`` with any value whose ``repr`` reads back).

A family that outgrows its file imports modules beside it, by ``from .name import ...``.

A family is built again when its script, a module that it imports, this file, one of its sources or the version of one
of its packages has changed; the fingerprint is kept beside its files. A file is replaced atomically, so that two builds
at once, or one that is killed, leave whole tables.

This runs before msgcore can be imported (``setup.py`` calls it), so it imports nothing of msgcore, and neither do the
families.
"""

import hashlib
import importlib
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from pprint import pformat
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
GENERATED = HERE / "generated"
FAMILIES = "msgcore_table_families"
PACKAGE_DOCSTRING = '"""Tables written by ``msgcore/tables/generate.py``; edit ``sources/``, never these."""\n'


def generate(directory: Path = GENERATED) -> list[str]:
    """Bring every table in ``directory`` up to date and return the names of the files that were written."""
    directory.mkdir(exist_ok=True)
    written = []
    if not (directory / "__init__.py").exists():
        _replace(directory / "__init__.py", PACKAGE_DOCSTRING)
    for script in sorted(HERE.glob("build_*.py")):
        written += _generate_family(script, directory)
    return written


def _generate_family(script: Path, directory: Path) -> list[str]:
    family = _load(script)
    sources = {name: (SOURCES / name).read_text(encoding="utf-8") for name in family.SOURCES}
    fingerprint = _fingerprint(family, sources)
    record = directory / f".{script.stem}"
    if record.exists():
        known, *names = record.read_text(encoding="utf-8").split()
        if known == fingerprint and all((directory / name).exists() for name in names):
            return []
    origin = _origin(sources)
    files: Mapping[str, Mapping[str, Any]] = family.build(sources)
    for name, declarations in files.items():
        render = _render_c if name.endswith(".h") else _render_python
        _replace(directory / name, render(origin, declarations))
    # Last: a build that is killed before this line is simply done again.
    _replace(record, "\n".join([fingerprint, *files]) + "\n")
    return list(files)


def _load(script: Path) -> ModuleType:
    """Import a family, and what it imports from beside it, as a package that has nothing of msgcore."""
    for name in _loaded():
        del sys.modules[name]
    package = ModuleType(FAMILIES)
    package.__path__ = [str(HERE)]
    sys.modules[FAMILIES] = package
    importlib.invalidate_caches()
    return importlib.import_module(f"{FAMILIES}.{script.stem}")


def _loaded() -> list[str]:
    return sorted(name for name in sys.modules if name.startswith(f"{FAMILIES}."))


def _fingerprint(family: ModuleType, sources: Mapping[str, str]) -> str:
    scripts = [Path(str(sys.modules[name].__file__)) for name in _loaded()]
    texts = [script.read_text(encoding="utf-8") for script in (Path(__file__), *scripts)]
    digest = hashlib.sha256()
    for text in (*texts, *sources.values()):
        digest.update(hashlib.sha256(text.encode()).digest())
    for package in family.PACKAGES:
        digest.update(f"{package}=={metadata.version(package)}\n".encode())
    return digest.hexdigest()


def _origin(sources: Mapping[str, str]) -> list[str]:
    """Say in a line per source where it comes from, by its own ``# document: / # clause: / # edition:`` head."""
    lines = []
    for name, text in sources.items():
        head = dict(re.findall(r"^# (document|clause|edition): (.+)$", text, re.MULTILINE))
        if len(head) != 3:
            raise ValueError(f"{name}: its head must name document, clause and edition")
        lines.append(f"generated from sources/{name}: {head['document']}, {head['clause']}, {head['edition']}")
    return [*lines, "do not edit: edit the source, and build"]


def _render_c(origin: Sequence[str], declarations: Mapping[str, Any]) -> str:
    parts = ["".join(f"// {line}\n" for line in origin), "#pragma once\n"]
    for declaration, value in declarations.items():
        if isinstance(value, int):
            parts.append(f"#define {declaration} {value}\n")
            continue
        rows = [", ".join(map(str, value[start : start + 16])) for start in range(0, len(value), 16)]
        body = ",\n    ".join(rows)
        parts.append(f"static const {declaration} = {{\n    {body}\n}};\n")
    return "\n".join(parts)


def _render_python(origin: Sequence[str], declarations: Mapping[str, Any]) -> str:
    parts = ["".join(f"# {line}\n" for line in origin), "from typing import Final\n"]
    parts += [
        f"{declaration} = {pformat(value, width=100, sort_dicts=False)}\n"
        for declaration, value in declarations.items()
    ]
    return "\n".join(parts)


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)  # mkstemp makes it private; tables go into wheels
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name}\n" for name in generate()) or "everything is up to date\n")
