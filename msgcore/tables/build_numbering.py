"""The numbering plan of the world as one automaton, from the metadata in the PyPI package phonenumbers.

Written are: ``numbering.h``, the automaton and what it needs to know about calling codes; ``numbering.py``, the names
of the regions and the rules for trunk prefixes, which are run only to say what a number should have been.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

from .digit_patterns import NOTHING, Languages
from .number_kinds import KINDS, STATUSES, NumberKind, NumberStatus
from .numbering_automaton import MEANING_BITS, TRUNK_PREFIX, Automaton, Description, Plan, Region, Successor, Tail
from .trunk_threads import State, read_rule

SOURCES = ("numbering.txt",)
PACKAGES = ("phonenumbers",)

NON_GEOGRAPHICAL = "001"  # UN M.49: the world
LONGEST_CALLING_CODE = 3
MAX_DIGITS = 15
TAIL_WIDTH = 16  # a shift instead of a multiplication
NO_REGION = 0

# In libphonenumber's order of precedence; fixed line and mobile, which can be both, come after.
PLAIN_KINDS = (
    (NumberKind.PREMIUM_RATE, "premium_rate"),
    (NumberKind.TOLL_FREE, "toll_free"),
    (NumberKind.SHARED_COST, "shared_cost"),
    (NumberKind.VOIP, "voip"),
    (NumberKind.PERSONAL, "personal_number"),
    (NumberKind.PAGER, "pager"),
    (NumberKind.UAN, "uan"),
    (NumberKind.VOICEMAIL, "voicemail"),
)


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Read the metadata, build the automaton, prove it, and lay it out in arrays."""
    source = sources["numbering.txt"]
    prove_edition(source)
    languages = Languages()
    automaton = Automaton(languages)
    plans = [read_plan(languages, code) for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)]
    starts = [automaton.add(plan) for plan in plans]
    regions = sorted({region.name for plan in plans for region in plan.regions} - {NON_GEOGRAPHICAL})
    return {
        "numbering.h": lay_out(automaton, starts) | lay_out_codes(plans, regions) | constants(),
        "numbering.py": {
            "PLAN_VERSION: Final[str]": phonenumbers.__version__,
            "REGIONS: Final[tuple[str | None, ...]]": (None, *regions),
            "TRUNK_RULES: Final[dict[int, tuple[str, str | None]]]": dict(trunk_rules()),
        },
    }


# --------------------------------------------------------------------------------------------------------- metadata


def read_plan(languages: Languages, calling_code: int) -> Plan:
    """Read all regions of a calling code."""
    names = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[calling_code]
    every = [metadata_of(calling_code, name) for name in names]
    regions = [read_region(languages, metadata) for metadata in every]
    main = every[0].general_desc
    assert main is not None
    if min(main.possible_length) < 2:
        raise ValueError(f"+{calling_code}: a national number of one digit, which libphonenumber does not read")
    fresh: State = tuple((slot, slot) for slot in sorted(slots(regions)))
    prefix = every[0].national_prefix_for_parsing
    return Plan(
        calling_code,
        regions,
        lengths=frozenset(main.possible_length),
        local_lengths=frozenset(main.possible_length_local_only),
        fresh=fresh,
        rule=read_rule(prefix, every[0].national_prefix_transform_rule, fresh) if prefix else None,
    )


def metadata_of(calling_code: int, region: str) -> PhoneMetadata:
    """Return the metadata of a region, or of the non-geographical entity with this calling code."""
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(calling_code, region)
    assert metadata is not None  # the two come from the package's own list
    return metadata


def read_region(languages: Languages, metadata: PhoneMetadata) -> Region:
    """Read the descriptions of a region."""

    def read(name: str) -> Description:
        return read_description(languages, getattr(metadata, name))

    kinds: list[tuple[NumberKind, tuple[Description, ...]]] = [(kind, (read(name),)) for kind, name in PLAIN_KINDS]
    fixed, mobile = read("fixed_line"), read("mobile")
    if metadata.same_mobile_and_fixed_line_pattern:
        kinds.append((NumberKind.FIXED_LINE_OR_MOBILE, (fixed,)))
    else:
        kinds.append((NumberKind.FIXED_LINE_OR_MOBILE, (fixed, mobile)))
        kinds.append((NumberKind.FIXED_LINE, (fixed,)))
        kinds.append((NumberKind.MOBILE, (mobile,)))
    return Region(
        metadata.id,
        read("general_desc"),
        tuple((KINDS.index(kind), descriptions) for kind, descriptions in kinds),
        None if metadata.leading_digits is None else languages.of(metadata.leading_digits, prefix=True),
    )


def read_description(languages: Languages, description: PhoneNumberDesc | None) -> Description:
    """Read one kind of number; one that a region has not is a language without a word."""
    if description is None or not description.national_number_pattern:
        return Description(NOTHING, frozenset())
    return Description(languages.of(description.national_number_pattern), frozenset(description.possible_length))


def slots(regions: Sequence[Region]) -> set[int]:
    """Return the languages that a number of these regions may be in; a slot is named by where it begins."""
    found = {region.general.slot for region in regions}
    found |= {one.slot for region in regions for _, descriptions in region.kinds for one in descriptions}
    found |= {region.leading for region in regions if region.leading is not None}
    return found - {NOTHING}


def trunk_rules() -> Iterator[tuple[int, tuple[str, str | None]]]:
    """Yield the expression and the template by which numbers of a calling code are mended."""
    for calling_code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        metadata = metadata_of(calling_code, regions[0])
        if metadata.national_prefix_for_parsing:
            yield (
                calling_code,
                (metadata.national_prefix_for_parsing, metadata.national_prefix_transform_rule),
            )


# ----------------------------------------------------------------------------------------------------------- layout


def lay_out(automaton: Automaton, starts: Sequence[Successor]) -> dict[str, Any]:
    """Number the tails behind the states, and write both as arrays."""
    state_count = len(automaton.labels)
    rows: dict[Tail, int] = {}

    def number(successor: Successor) -> int:
        return state_count + rows.setdefault(successor, len(rows)) if isinstance(successor, Tail) else successor

    begins = [number(start) for start in starts]
    successors = [number(successor) for row in automaton.successors for successor in row]
    tails = [label for row in rows for label in (row.labels + row.labels[-1:] * TAIL_WIDTH)[:TAIL_WIDTH]]
    labels = sorted({*automaton.labels, *tails})
    if state_count + len(rows) > 0xFFFF or len(labels) > 0xFF:
        raise ValueError(f"{state_count} states, {len(rows)} tails and {len(labels)} labels need wider arrays")
    short = {label: index for index, label in enumerate(labels)}
    return {
        "NUMBERING_STATES": state_count,
        f"unsigned short NUMBERING_START[{len(begins)}]": begins,
        f"unsigned short NUMBERING_SUCCESSORS[{len(successors)}]": successors,
        f"unsigned char NUMBERING_STATE_LABELS[{state_count}]": [short[label] for label in automaton.labels],
        f"unsigned char NUMBERING_TAIL_LABELS[{len(tails)}]": [short[label] for label in tails],
        f"unsigned char NUMBERING_ORDINALS[{len(labels)}]": [label >> MEANING_BITS for label in labels],
        f"unsigned char NUMBERING_MEANINGS[{len(labels)}]": [label & (1 << MEANING_BITS) - 1 for label in labels],
    }


def lay_out_codes(plans: Sequence[Plan], regions: Sequence[str]) -> dict[str, Any]:
    """Write what is known about each calling code, and which one three first digits belong to."""
    index_of = {region: index for index, region in enumerate(regions, start=1)} | {NON_GEOGRAPHICAL: NO_REGION}
    if len(plans) >= 0xFF or len(regions) >= 0xFF:
        raise ValueError("calling codes and regions no longer fit an octet")
    by_digits = [len(plans)] * 10**LONGEST_CALLING_CODE
    bases: list[int] = []
    ordinals: list[int] = []
    lengths: list[int] = []
    for index, plan in enumerate(plans):
        digits = str(plan.calling_code)
        width = 10 ** (LONGEST_CALLING_CODE - len(digits))
        by_digits[plan.calling_code * width : (plan.calling_code + 1) * width] = [index] * width
        bases.append(len(ordinals))
        ordinals += [NO_REGION, *(index_of[region.name] for region in plan.regions)]
        lengths += [STATUSES.index(status_of(plan, length)) for length in range(MAX_DIGITS)]
    return {
        f"unsigned char NUMBERING_CODE_AT[{len(by_digits)}]": by_digits,
        f"unsigned short NUMBERING_CODES[{len(plans)}]": [plan.calling_code for plan in plans],
        f"unsigned char NUMBERING_CODE_DIGITS[{len(plans) + 1}]": [len(str(plan.calling_code)) for plan in plans] + [0],
        f"unsigned short NUMBERING_REGION_BASE[{len(plans)}]": bases,
        f"unsigned char NUMBERING_REGIONS[{len(ordinals)}]": ordinals,
        f"unsigned char NUMBERING_LENGTH_STATUS[{len(lengths)}]": lengths,
    }


def status_of(plan: Plan, length: int) -> NumberStatus:
    """Say what the length alone says about a number that is not valid."""
    if length in plan.local_lengths:
        return NumberStatus.LOCAL_ONLY
    if length in plan.lengths:
        return NumberStatus.NOT_IN_THE_PLAN
    if length < min(plan.lengths):
        return NumberStatus.TOO_SHORT
    return NumberStatus.TOO_LONG if length > max(plan.lengths) else NumberStatus.INVALID_LENGTH


def constants() -> dict[str, int]:
    """Give the meanings, statuses and bounds their names."""
    return {
        "NUMBERING_NO_CODE": len(phonenumbers.COUNTRY_CODE_TO_REGION_CODE),
        "NUMBERING_TRUNK_PREFIX": TRUNK_PREFIX,
        "NUMBERING_TAIL_WIDTH": TAIL_WIDTH,
        "NUMBERING_NATIONAL_LENGTHS": MAX_DIGITS,
    } | {f"STATUS_{status.name}": index for index, status in enumerate(STATUSES)}


# ------------------------------------------------------------------------------------------------------------ proof


def prove_edition(source: str) -> None:
    """Check that the package is the one that ``numbering.txt`` speaks of."""
    edition = re.search(r"^# edition: (.+)$", source, re.MULTILINE)
    if edition is None or edition[1] != phonenumbers.__version__:
        raise ValueError(f"phonenumbers {phonenumbers.__version__} is not the edition that numbering.txt names")
