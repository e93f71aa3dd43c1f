"""msgcore: exact carrier-messaging encoding, numbers and plans, and the Messaging V2 protocol over any transport.

Every public name is loaded on first use (PEP 562), so that importing msgcore costs next to nothing and pulls in
neither msgspec nor asyncio.
"""
