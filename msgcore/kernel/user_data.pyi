from collections.abc import Sequence
from typing import final

from typing_extensions import Buffer

from msgcore.kernel.headers import UserDataHeader
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.languages import LanguageTable

@final
class UserData:
    __match_args__ = ("alphabet", "units", "header")
    def __init__(self, alphabet: Alphabet | None, units: bytes, header: UserDataHeader = ...) -> None: ...
    @property
    def alphabet(self) -> Alphabet | None: ...
    @property
    def units(self) -> bytes: ...
    @property
    def header(self) -> UserDataHeader: ...
    @property
    def text(self) -> str | None: ...
    def __hash__(self) -> int: ...

def decode_units(units: Buffer, alphabet: Alphabet, languages: Sequence[LanguageTable] = ()) -> str: ...
def decode_user_data(
    octets: Buffer, user_data_length: int, alphabet: Alphabet | None, *, has_header: bool
) -> UserData: ...
