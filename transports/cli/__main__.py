"""``python -m transports.cli`` is ``msgcore``."""

from transports.cli import main

main()
