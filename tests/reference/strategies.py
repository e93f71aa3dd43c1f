"""Texts that are nasty to cut: what sits on a border, what must not come apart, in all three widths of storage."""

from hypothesis import strategies as st

from msgcore.encoding.user_data import InformationElement
from tests.reference.alphabet import DEFAULT, EXTENSION

BASIC = DEFAULT.replace("\x1b", "")
GSM7 = BASIC + "".join(EXTENSION)

CLUSTERS = [
    "\r\n",
    "e\u0301",
    "👩‍👩‍👧‍👦",
    "👍🏽",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇸🇪",
    "🇳",
    "क्षि",
    "a\u094dत",
    "각",
    "각",
    "\u0600a",
    "ก\u0e33",
    "1\ufe0f\u20e3",
    "z" + "\u0300" * 20,
]
LONG_CLUSTERS = ["o" + "\u0301" * 80, "👨" + "\u200d👨" * 40, "क" + "\u094dक" * 40]
LOOSE = list("\u0301\u200d\ufe0f\u094d\u0600\u0e33\u1100\u1161\u11a8\u00ad©🇸👨🏽\r\n–ç")

gsm7_texts = st.text(st.sampled_from(GSM7), max_size=40)

# A long run puts the nasty part near a border, which random lengths seldom hit.
runs = st.builds(lambda character, count: character * count, st.sampled_from("a€é中😀Δ"), st.integers(0, 170))

pieces = st.one_of(
    runs,
    gsm7_texts,
    st.sampled_from(CLUSTERS),
    st.sampled_from(LONG_CLUSTERS),
    st.sampled_from(LOOSE),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
texts = st.lists(pieces, max_size=8).map("".join)

# GSM-7 only, so that septets, escapes and CR LF meet borders too.
long_gsm7_texts = st.lists(
    st.one_of(
        st.builds(lambda character, count: character * count, st.sampled_from("aΔ€{"), st.integers(0, 170)),
        st.sampled_from(["\r\n", "\r", "\n", "€", "\f"]),
        gsm7_texts,
    ),
    max_size=8,
).map("".join)

cuttable_texts = st.one_of(texts, long_gsm7_texts)
boundaries = st.sampled_from(["cluster", "character"])
reference_widths = st.sampled_from([8, 16])

# What a caller may want in every header: up to the octets that are left when a surrogate pair has to fit too.
elements = st.lists(
    st.builds(
        InformationElement,
        st.integers(0, 255).filter(lambda identifier: identifier not in (0x00, 0x08, 0x24, 0x25)),
        st.binary(max_size=40),
    ),
    max_size=3,
).filter(lambda items: sum(2 + len(item.data) for item in items) <= 128)
