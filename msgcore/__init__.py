"""msgcore: exact carrier-messaging encoding, numbers and plans, and the Messaging V2 protocol over any transport.

Every public name is loaded on first use (PEP 562), so that importing msgcore costs next to nothing and pulls in
neither msgspec nor asyncio.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from msgcore.client import *
