"""Build the kernel: write the tables from their sources, then compile the Cython modules.

What can be said declaratively stands in pyproject.toml. Tables are written when a build step needs them, never on
import of this file, since a build front end imports it several times.

Environment: MSGCORE_DEBUG=1 turns on Cython's bounds and None checks; MSGCORE_SANITIZE=1 adds AddressSanitizer and
UndefinedBehaviorSanitizer.
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
DEBUG = os.environ.get("MSGCORE_DEBUG") == "1"
SANITIZE = os.environ.get("MSGCORE_SANITIZE") == "1"


def generate_tables() -> None:
    sys.path.insert(0, str(ROOT / "msgcore" / "tables"))
    try:
        from generate import generate

        generate()
    finally:
        sys.path.pop(0)


def kernel_modules() -> list[Extension]:
    compile_args = ["-O2"] if os.name == "posix" else []
    link_args: list[str] = []
    if SANITIZE:
        compile_args = ["-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined"]
        link_args = ["-fsanitize=address,undefined"]
    return [
        Extension(
            f"msgcore.kernel.{source.stem}",
            [str(source.relative_to(ROOT))],
            include_dirs=["msgcore/kernel", "msgcore/tables/generated"],
            depends=[str(table) for table in (ROOT / "msgcore" / "tables" / "generated").glob("*.h")],
            extra_compile_args=compile_args,
            extra_link_args=link_args,
        )
        for source in sorted((ROOT / "msgcore" / "kernel").glob("*.pyx"))
    ]


class BuildTables(build_py):
    def run(self) -> None:
        generate_tables()
        super().run()


class BuildKernel(build_ext):
    def finalize_options(self) -> None:
        from Cython.Build import cythonize

        generate_tables()
        self.distribution.ext_modules = cythonize(
            kernel_modules(),
            build_dir=str(Path("build") / ("cython-debug" if DEBUG else "cython")),
            compiler_directives={
                "language_level": 3,
                "binding": True,
                "embedsignature": False,
                "boundscheck": DEBUG,
                "wraparound": False,
                "nonecheck": DEBUG,
                "cdivision": True,
            },
        )
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()


setup(
    ext_modules=[Extension("msgcore.kernel.placeholder", [])],  # replaced above: says early that the wheel is not pure
    cmdclass={"build_py": BuildTables, "build_ext": BuildKernel},
)
