"""The yearly public report and a funder's indicators, from what may leave the house alone.

`content` words a report once; the page, the PDF (`pdf`) and the sheet (`sheet`) lay the same words
out, so that they can't say different things.
"""
