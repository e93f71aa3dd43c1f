"""The slow, obvious reading of the standards: the oracle of the property tests. It shares nothing with the kernel."""
