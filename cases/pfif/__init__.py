"""PFIF 1.4: cases as person records, in feeds and files, and records that partners upload.

docs/partners/pfif.md is the mapping.
"""
