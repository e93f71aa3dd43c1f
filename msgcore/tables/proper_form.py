"""What a number that is written with a trunk prefix should have been: libphonenumber's rules, run only when asked."""

import re

from msgcore.tables.generated.numbering import TRUNK_RULES


def proper_form(calling_code: int, national_number: str) -> str:
    """Return the national number without its trunk prefix, or with its digits in their proper places.

    >>> proper_form(44, "02070313000"), proper_form(54, "111523456789")
    ('2070313000', '91123456789')

    Whether the number needs it is the automaton's question; the rules know no more than prefixes.
    """
    pattern, template = TRUNK_RULES.get(calling_code, ("", None))
    match = re.match(pattern, national_number)
    if match is None:
        return national_number
    rest = national_number[match.end() :]
    # As libphonenumber has it: the template counts only where the last group took part.
    if template and match[match.re.groups] is not None:
        return match.expand(template) + rest
    return rest


__all__ = ["proper_form"]
