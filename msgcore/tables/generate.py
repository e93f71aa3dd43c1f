"""Write the tables; a stand-in that knows delivery codes alone, until the generator of all families is merged."""

import sys
from importlib import import_module
from pathlib import Path
from pprint import pformat

HERE = Path(__file__).resolve().parent


def generate(directory: Path = HERE / "generated") -> None:
    """Write every table into ``directory``."""
    sys.path.insert(0, str(HERE))
    family = import_module("build_delivery_codes")

    directory.mkdir(exist_ok=True)
    (directory / "__init__.py").write_text('"""Tables, generated; do not edit."""\n')
    sources = {name: (HERE / "sources" / name).read_text(encoding="utf-8") for name in family.SOURCES}
    for name, declarations in family.build(sources).items():
        parts = [f"{declaration} = {pformat(value, width=100)}\n" for declaration, value in declarations.items()]
        (directory / name).write_text("\n".join(["from typing import Final\n", *parts]), encoding="utf-8")


if __name__ == "__main__":
    generate()
