"""Alphabets, and text to septets and back.

The loops are compiled (``msgcore.kernel``) and exported as they are, with no Python in between.
"""

from msgcore.kernel.scanning import detect
from msgcore.kernel.septets import decode_gsm7, encode_gsm7, pack_septets, unpack_septets
from msgcore.tables.alphabets import Alphabet

__all__ = ["Alphabet", "decode_gsm7", "detect", "encode_gsm7", "pack_septets", "unpack_septets"]
