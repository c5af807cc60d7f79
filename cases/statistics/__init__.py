"""What all cases together say: counts by up to three facets, and how long recovery takes.

Reviewers read every figure (level `internal`). Everybody else reads what `suppression` lets out,
and of a child whose family was not told yet only that the case is open.
"""
