"""Good octets with some of them cut out and something else put in."""

from collections.abc import Sequence

from hypothesis import strategies as st


@st.composite
def damaged(draw: st.DrawFn, samples: Sequence[bytes], trouble: Sequence[bytes] = ()) -> bytes:
    """Draw one of the samples and damage it in up to three places, with any octets or with what is known to trouble."""
    octets = draw(st.sampled_from(samples))
    planted = st.binary(max_size=5) | st.sampled_from(trouble) if trouble else st.binary(max_size=5)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(octets)))
        end = min(len(octets), start + draw(st.integers(0, 10)))
        octets = octets[:start] + draw(planted) + octets[end:]
    return octets
