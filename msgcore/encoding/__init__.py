"""Texts as the network carries them: alphabets, segments, user data headers, reassembly, look-alikes, TPDUs."""

from msgcore.encoding.alphabet import Alphabet, decode_gsm7, detect, encode_gsm7, pack_septets, unpack_septets
from msgcore.encoding.ports import ApplicationPorts
from msgcore.encoding.reassembly import IncompleteMessage, ReassembledMessage, Reassembler
from msgcore.encoding.references import ReferenceCounter
from msgcore.encoding.segmentation import (
    Analysis,
    LanguageTable,
    OutsideGsm7,
    Segment,
    Segmentation,
    analyze,
    count_segments,
    segment,
)
from msgcore.encoding.substitution import Change, Substitution, to_gsm7
from msgcore.encoding.user_data import (
    Concatenation,
    InformationElement,
    UserData,
    UserDataHeader,
    decode_units,
    decode_user_data,
)
from msgcore.tables.generated.clusters import UNICODE_VERSION
from msgcore.tables.languages import LANGUAGES

__all__ = [
    "LANGUAGES",
    "UNICODE_VERSION",
    "Alphabet",
    "Analysis",
    "ApplicationPorts",
    "Change",
    "Concatenation",
    "IncompleteMessage",
    "InformationElement",
    "LanguageTable",
    "OutsideGsm7",
    "ReassembledMessage",
    "Reassembler",
    "ReferenceCounter",
    "Segment",
    "Segmentation",
    "Substitution",
    "UserData",
    "UserDataHeader",
    "analyze",
    "count_segments",
    "decode_gsm7",
    "decode_units",
    "decode_user_data",
    "detect",
    "encode_gsm7",
    "pack_septets",
    "segment",
    "to_gsm7",
    "unpack_septets",
]
