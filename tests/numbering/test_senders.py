import pytest

from msgcore.errors import NumberError
from msgcore.numbering import SenderKind, sender_kind


@pytest.mark.parametrize(
    "text, kind",
    [
        ("+19195550100", SenderKind.LONG_CODE),
        ("+12", SenderKind.LONG_CODE),
        ("+123456789012345", SenderKind.LONG_CODE),
        ("+448005550100", SenderKind.LONG_CODE),  # toll-free of another country is not what the provider calls so
        ("+18015550100", SenderKind.LONG_CODE),
        ("+18225550100", SenderKind.LONG_CODE),
        ("+18995550100", SenderKind.LONG_CODE),
        ("+18005550100", SenderKind.TOLL_FREE),
        ("+18885550100", SenderKind.TOLL_FREE),
        ("+1833", SenderKind.TOLL_FREE),
        ("+183", SenderKind.LONG_CODE),
        ("12345", SenderKind.SHORT_CODE),
        ("023456", SenderKind.SHORT_CODE),
        ("A", SenderKind.ALPHANUMERIC),
        ("Acme-Shop_1", SenderKind.ALPHANUMERIC),
        ("B & C +1", SenderKind.ALPHANUMERIC),
        ("+1919555O12", SenderKind.ALPHANUMERIC),
    ],
)
def test_kind_follows_from_the_shape(text: str, kind: SenderKind) -> None:
    assert sender_kind(text) is kind


@pytest.mark.parametrize(
    "text, position, words",
    [
        ("", 0, "got nothing"),
        ("+", 1, "at least 2 digits"),
        ("+1", 2, "at least 2 digits"),
        ("+0123", 1, "no calling code begins with 0"),
        ("+1 919 555 0100", 2, "an ASCII digit, got ' '"),
        ("+1919555٠١٠٠", 8, "an ASCII digit"),
        ("+1234567890123456", 16, "at most 15 digits"),
        ("1234", 0, "a short code of 5 or 6 digits, got 4"),
        ("9195550100", 0, "expected '+' before a number"),
        ("Acme Shop 12", 11, "at most 11 characters"),
        ("M&M's", 3, 'got "\'"'),
        ("Café", 3, "got 'é'"),
        ("- &", 3, "at least one letter"),
    ],
)
def test_what_is_no_sender_is_refused_with_its_place(text: str, position: int, words: str) -> None:
    with pytest.raises(NumberError) as caught:
        sender_kind(text)
    assert caught.value.position == position
    assert words in caught.value.reason


@pytest.mark.parametrize("wrong", [None, 12345, b"12345"])
def test_sender_must_be_a_string(wrong: object) -> None:
    with pytest.raises(TypeError, match="text must be str"):
        sender_kind(wrong)  # type: ignore[arg-type]
