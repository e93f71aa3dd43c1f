"""Benchmarks: one question a file; README.md says how to run them and what came out."""
