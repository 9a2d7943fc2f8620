"""Benchmarks of bayesopt against its peers; see ``python -m benchmarks.run --help``."""
