"""The figures that are promised, a module for each subject; ``python -m benchmarks.targets`` measures them."""
