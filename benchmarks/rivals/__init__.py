"""What others do, one small file each, with the same two functions as ours: ``count_segments`` and ``segment``."""
