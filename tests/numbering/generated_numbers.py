"""Numbers in E.164 syntax to try a numbering plan with: most of them nearly right, some of any kind."""

import random
from collections.abc import Iterator
from functools import cache

import phonenumbers

TRUNK_PREFIXES = ("0", "00", "8", "80", "1", "06", "9", "90", "15", "180020")
MAX_DIGITS = 15


@cache
def examples() -> tuple[str, ...]:
    """The example numbers of every region, kind and service."""
    found = [
        phonenumbers.example_number_for_type(region, kind)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in phonenumbers.PhoneNumberType.values()
    ]
    found += [phonenumbers.example_number_for_non_geo_entity(code) for code in calling_codes()]
    return tuple(sorted({e164(number) for number in found if number is not None}))


@cache
def calling_codes() -> tuple[int, ...]:
    return tuple(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))


def e164(number: phonenumbers.PhoneNumber) -> str:
    text: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text


def generate(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` numbers: all examples first, then near misses, trunk prefixes, and digits of any length."""
    chance = random.Random(seed)
    yielded = 0
    for text in [*examples(), *every_length()]:
        if yielded < count:
            yield text
            yielded += 1
    while yielded < count:
        text = chance.choice(WAYS)(chance)
        if text[1:2] != "0" and 2 <= len(text) - 1 <= MAX_DIGITS:
            yield text
            yielded += 1


def every_length() -> Iterator[str]:
    """Every calling code, known or not, with every number of digits after it."""
    for code in range(1, 1000):
        for length in range(MAX_DIGITS - len(str(code)) + 1):
            text = f"+{code}{'2345678901234'[:length]}"
            if len(text) > 2:
                yield text


def mutated(chance: random.Random) -> str:
    """An example with up to three digits changed, added or lost."""
    text = chance.choice(examples())
    for _ in range(chance.randrange(4)):
        position = chance.randrange(1, len(text) + 1)
        inserted = chance.choice(("", *"0123456789", *"0123456789", str(chance.randrange(1000))))
        text = text[:position] + inserted + text[position + chance.randrange(2) :]
    return text


def last_digits_drawn(chance: random.Random) -> str:
    """An example whose end is drawn anew: another number of the same block, or of one beside it."""
    text = chance.choice(examples())
    kept = chance.randrange(2, len(text))
    return text[:kept] + "".join(chance.choice("0123456789") for _ in text[kept:])


def with_trunk_prefix(chance: random.Random) -> str:
    text = chance.choice(examples())
    code = next(code for code in map(str, calling_codes()) if text.startswith(f"+{code}"))
    return f"+{code}{chance.choice(TRUNK_PREFIXES)}{text[1 + len(code) :]}"


def any_number_of_a_plan(chance: random.Random) -> str:
    code = str(chance.choice(calling_codes()))
    length = chance.randrange(MAX_DIGITS + 1 - len(code))
    return f"+{code}{''.join(chance.choice('0123456789') for _ in range(length))}"


def any_digits(chance: random.Random) -> str:
    return "+" + "".join(chance.choice("0123456789") for _ in range(chance.randrange(2, MAX_DIGITS + 1)))


WAYS = (
    mutated,
    mutated,
    mutated,
    last_digits_drawn,
    last_digits_drawn,
    with_trunk_prefix,
    any_number_of_a_plan,
    any_digits,
)
