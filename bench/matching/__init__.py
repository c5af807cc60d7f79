"""Matching measured on the benchmark set, against rivals and against the truth."""
