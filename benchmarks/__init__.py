"""Benchmarks: what a fit costs here and elsewhere, and the customary loop as the reference to beat."""
