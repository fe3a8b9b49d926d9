"""Benchmarks: each measures Tieout against a baseline in the same run, and prints a ratio."""
