"""What keeps a string from E.164 syntax."""

from msgcore.kernel.numbers import check_e164

__all__ = ["check_e164"]
