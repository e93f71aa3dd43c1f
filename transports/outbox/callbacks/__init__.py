"""Where events are kept: ``sqlite`` in a file that several processes share, ``memory`` while the process lives."""
