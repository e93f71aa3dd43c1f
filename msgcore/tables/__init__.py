"""Facts of the standards and of the trade: typed in ``sources/``, reviewed by eye, turned into code at build time."""
