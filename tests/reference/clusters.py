"""Extended grapheme clusters as the regular expression of Unicode Standard Annex #29, tables 1b and 1c.

The kernel is a machine over pairs of neighbours (the rules of 3.1.1); this is the other form that the annex gives, so
they share no thought. Properties come from the package regex here and there: its ``\\X`` is a third opinion.
"""

import regex

CLUSTER = regex.compile(
    r"""
      \r\n | [\p{GCB=CR}\p{GCB=LF}\p{GCB=Control}]
    | \p{GCB=Prepend}*
      (?: \p{GCB=L}* (?: \p{GCB=V}+ | \p{GCB=LV} \p{GCB=V}* | \p{GCB=LVT} ) \p{GCB=T}*   # a Hangul syllable
        | \p{GCB=L}+
        | \p{GCB=T}+
        | \p{GCB=RI} \p{GCB=RI}
        | \p{ExtPict} (?: \p{GCB=Extend}* \p{GCB=ZWJ} \p{ExtPict} )*
        | [^\p{GCB=CR}\p{GCB=LF}\p{GCB=Control}]
      )
      [\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*
    """,
    regex.VERBOSE,
)

# GB9c of Unicode 18: a linker, extenders and linkers, and a consonant stay together, whatever stands before the linker.
LINKED = regex.compile(r"\p{InCB=Linker}[\p{InCB=Linker}\p{InCB=Extend}]*\Z")
CONSONANT = regex.compile(r"\p{InCB=Consonant}")


def clusters(text: str) -> list[str]:
    """Cut ``text`` into clusters."""
    joined: list[str] = []
    for piece in CLUSTER.findall(text):
        if joined and CONSONANT.match(piece) and LINKED.search(joined[-1]):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
