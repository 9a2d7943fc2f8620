"""Comparisons with results that others published."""
