"""Setoff measured against floors: `make bench`. How: docs/explanation/performance.md"""
