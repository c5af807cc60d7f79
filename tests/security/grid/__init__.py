"""The permission grid: who asks, for what, of a case in which state, by which address.

What each may do comes from `tests/security/matrix.csv`, never from the product's own table.
"""
