"""Tables: what is generated says where it comes from, is rebuilt when it must be, and reads as the sources say."""

import re
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest

from msgcore.tables import build_clusters, build_gsm7, build_languages, build_lookalikes, build_numbering, generate
from msgcore.tables.generated.lookalikes import LOOKALIKES, UNACCENTED
from tests.reference import languages
from tests.reference.alphabet import DEFAULT, ESCAPE, EXTENSION
from tests.source_tree import TABLE_SOURCES, needs_table_sources


def source(name: str) -> str:
    return (TABLE_SOURCES / name).read_text(encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the generator's folder with one small family, to change things in."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "birds.txt").write_text("# document: Birds\n# clause: 1\n# edition: 2\nwren\n")
    (tmp_path / "build_birds.py").write_text(
        'SOURCES = ("birds.txt",)\n'
        "PACKAGES = ()\n\n"
        "def build(sources):\n"
        '    birds = [line for line in sources["birds.txt"].splitlines() if line[0] != "#"]\n'
        '    return {"birds.h": {"COUNT": len(birds), "char LENGTHS[]": [len(bird) for bird in birds]},\n'
        '            "birds.py": {"BIRDS: Final[list[str]]": birds}}\n'
    )
    monkeypatch.setattr(generate, "HERE", tmp_path)
    monkeypatch.setattr(generate, "SOURCES", tmp_path / "sources")
    return tmp_path


def test_output_says_where_it_comes_from(house: Path) -> None:
    out = house / "generated"
    assert generate.generate(out) == ["birds.h", "birds.py"]
    origin = "generated from sources/birds.txt: Birds, 1, 2"
    assert (out / "birds.h").read_text().startswith(f"// {origin}\n// do not edit")
    assert (out / "birds.py").read_text().startswith(f"# {origin}\n# do not edit")
    assert "#define COUNT 1" in (out / "birds.h").read_text()
    assert "static const char LENGTHS[] = {\n    4\n};" in (out / "birds.h").read_text()
    assert "BIRDS: Final[list[str]] = ['wren']" in (out / "birds.py").read_text()
    assert (out / "__init__.py").exists()


def test_nothing_is_written_twice(house: Path) -> None:
    out = house / "generated"
    generate.generate(out)
    assert generate.generate(out) == []


@pytest.mark.parametrize("changed", ["sources/birds.txt", "build_birds.py"])
def test_a_change_of_source_or_script_builds_again(house: Path, changed: str) -> None:
    out = house / "generated"
    generate.generate(out)
    with (house / changed).open("a") as file:
        file.write("# more\n")
    assert generate.generate(out) == ["birds.h", "birds.py"]


def test_a_change_of_a_module_that_a_family_imports_builds_again(house: Path) -> None:
    out = house / "generated"
    script = house / "build_birds.py"
    script.write_text("from .nest import EGGS\n" + script.read_text().replace("len(birds)", "EGGS"))
    (house / "nest.py").write_text("EGGS = 5\n")
    assert generate.generate(out) == ["birds.h", "birds.py"]
    assert "#define COUNT 5" in (out / "birds.h").read_text()
    assert generate.generate(out) == []
    (house / "nest.py").write_text("EGGS = 12\n")
    assert generate.generate(out) == ["birds.h", "birds.py"]
    assert "#define COUNT 12" in (out / "birds.h").read_text()


def test_another_version_of_a_package_builds_again(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = house / "generated"
    script = house / "build_birds.py"
    script.write_text(script.read_text().replace("PACKAGES = ()", 'PACKAGES = ("regex",)'))
    generate.generate(out)
    assert generate.generate(out) == []
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0")
    assert generate.generate(out) == ["birds.h", "birds.py"]


def test_a_missing_file_is_written_again(house: Path) -> None:
    out = house / "generated"
    generate.generate(out)
    (out / "birds.py").unlink()
    assert "birds.py" in generate.generate(out)


def test_a_source_without_a_head_is_refused(house: Path) -> None:
    (house / "sources" / "birds.txt").write_text("wren\n")
    with pytest.raises(ValueError, match=r"birds\.txt: its head must name document, clause and edition"):
        generate.generate(house / "generated")


@needs_table_sources
def test_a_failing_write_leaves_the_old_table(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = house / "generated"
    generate.generate(out)
    before = (out / "birds.h").read_text()
    (house / "sources" / "birds.txt").write_text(source("gsm7_default.txt"))

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no space left"):
        generate.generate(out)
    assert (out / "birds.h").read_text() == before
    assert not list(out.glob(".new-*"))


@pytest.fixture(scope="module")
def built_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All tables, written anew: once, for some take seconds."""
    directory = tmp_path_factory.mktemp("generated")
    generate.generate(directory)
    return directory


FAMILIES = [build_gsm7, build_clusters, build_languages, build_lookalikes, build_numbering]


@needs_table_sources
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_what_is_installed_is_what_the_sources_say(family: ModuleType, built_again: Path) -> None:
    for name in family.build({name: source(name) for name in family.SOURCES}):
        assert (built_again / name).read_text() == (generate.GENERATED / name).read_text()


# ----------------------------------------------------------------------------------------------------------- content


@needs_table_sources
def test_the_alphabet_is_the_one_that_the_reference_typed_again() -> None:
    default = build_gsm7.parse(source("gsm7_default.txt"))
    extension = build_gsm7.parse(source("gsm7_extension.txt"))
    assert default == {code: ord(character) for code, character in enumerate(DEFAULT) if character != ESCAPE}
    assert extension == {code: ord(character) for character, code in EXTENSION.items()}


def test_where_a_character_stands_twice_the_lowest_code_is_written() -> None:
    table = build_gsm7.encode_table({5: 65, 9: 65}, {3: 65, 4: 66, 7: 66})
    assert table == {65: 5, 66: 4 | build_gsm7.AFTER_ESCAPE}


@needs_table_sources
@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda text: text.replace("0x05 U+00E9", "0x04 U+00E9"), "one row a code, in order"),
        (lambda text: re.sub(r"0x7F .*\n", "", text), "127 characters and an escape"),
        (lambda text: text.replace("0x1B ESCAPE", "0x1B U+0041 ESCAPE"), "127 characters and an escape"),
    ],
)
def test_a_broken_alphabet_is_refused(broken: object, message: str) -> None:
    assert callable(broken)
    sources = {name: source(name) for name in build_gsm7.SOURCES}
    sources["gsm7_default.txt"] = broken(sources["gsm7_default.txt"])
    with pytest.raises(ValueError, match=message):
        build_gsm7.build(sources)


@needs_table_sources
@pytest.mark.parametrize(
    ("files", "published"),
    [(build_languages.SINGLE_SHIFT, languages.SINGLE), (build_languages.LOCKING_SHIFT, languages.LOCKING)],
    ids=["single shift", "locking shift"],
)
def test_national_tables_are_the_published_ones(files: dict[str, str], published: dict[int, languages.Table]) -> None:
    typed = {
        build_languages.IDENTIFIERS[name]: {
            code: chr(point) for code, point in build_languages.parse(source(file)).items()
        }
        for name, file in files.items()
    }
    assert typed == {identifier: table for identifier, table in published.items() if identifier != 0}


def test_thirteen_languages_have_a_single_shift_and_twelve_a_locking_shift() -> None:
    assert {name: identifier for identifier, name in languages.NAMES.items()} == build_languages.IDENTIFIERS
    assert set(build_languages.SINGLE_SHIFT) - set(build_languages.LOCKING_SHIFT) == {"spanish"}
    assert (len(build_languages.SINGLE_SHIFT), len(build_languages.LOCKING_SHIFT)) == (13, 12)


@needs_table_sources
@pytest.mark.parametrize(
    ("file", "row", "instead", "message"),
    [
        ("single_shift_turkish.txt", "0x14 U+005E", "0x0A U+005E", "one row a code, in order"),
        ("single_shift_turkish.txt", "0x14 U+005E", "0x0D U+000D X\n0x14 U+005E", "0x0D of a single shift table"),
        ("single_shift_turkish.txt", "0x14 U+005E", "0x1B U+005E", "0x1B is the escape"),
        ("single_shift_turkish.txt", "0x14 U+005E", "0x15 U+005E", "holds the default extension table"),
        ("single_shift_turkish.txt", "0x73 U+015F", "0x80 U+015F", "0x00 to 0x7F"),
        ("locking_shift_urdu.txt", "0x20 U+0020", "0x20 U+00A0", "line feed, carriage return and space"),
    ],
)
def test_a_broken_national_table_is_refused(file: str, row: str, instead: str, message: str) -> None:
    sources = {name: source(name) for name in build_languages.SOURCES}
    assert row in sources[file]
    sources[file] = sources[file].replace(row, instead)
    with pytest.raises(ValueError, match=message):
        build_languages.build(sources)


def test_another_unicode_edition_is_refused() -> None:
    with pytest.raises(ValueError, match=r"U\+0378 should be assigned: regex speaks of another Unicode edition"):
        build_clusters.prove_edition("assigned U+0378 the next edition, perhaps\n")
    with pytest.raises(ValueError, match=r"U\+0041 should be unassigned"):
        build_clusters.prove_edition("unassigned U+0041\n")


def test_the_unicode_edition_is_the_one_that_the_source_names() -> None:
    assert build_clusters.prove_edition("# edition: Unicode 19.0.0 (2027-09)\nassigned U+0041\n") == "19.0.0"
    with pytest.raises(ValueError, match="must name the edition"):
        build_clusters.prove_edition("assigned U+0041\n")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"lookalikes.txt": "U+2018 ' quote\n"}, "lookalikes.txt: not a row"),
        ({"lookalikes.txt": "U+2018 U+0027+ A; x\n"}, "lookalikes.txt: not a row"),
        ({"unaccented.txt": "U+00E7 U+0063 A\n"}, "unaccented.txt: not a row"),
        ({"lookalikes.txt": "U+2018 U+0027 A; x\nU+2018 U+0027 A; y\n"}, "lookalikes.txt: U\\+2018 has two rows"),
        (
            {"lookalikes.txt": "U+2018 U+0027 A; x\n", "unaccented.txt": "U+2018 U+0027 A; y\n"},
            "unaccented.txt: U\\+2018 is a look-alike",
        ),
    ],
)
def test_a_broken_row_of_look_alikes_is_refused(rows: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_lookalikes.build({"lookalikes.txt": "", "unaccented.txt": "", **rows})


@needs_table_sources
@pytest.mark.parametrize(
    ("name", "table"),
    [("lookalikes.txt", LOOKALIKES), ("unaccented.txt", UNACCENTED)],
    ids=["look-alikes", "unaccented"],
)
def test_look_alikes_are_read_whole_and_named_as_unicode_does(name: str, table: dict[str, tuple[str, str]]) -> None:
    rows = re.findall(r"^U\+(\S+) (\S+) (.+); (.+)$", source(name), re.MULTILINE)
    assert len(table) == len(rows) > 250
    for point, replacement, written, reason in rows:
        character = chr(int(point, 16))
        codes = "" if replacement == "-" else replacement
        assert table[character] == ("".join(chr(int(code, 16)) for code in re.findall("[0-9A-F]{4}", codes)), reason)
        if unicodedata.category(character) != "Cc":  # controls have no name of their own
            assert unicodedata.name(character) == written
