"""An open, seeded benchmark set: invented children, and what families and others tell of them.

See docs/benchmark-set.md for how it was built and where it is unlike life.
"""

from bench.population.phrases import Split
from bench.population.population import NOW, TODAY, Population, Told, token_rarity

__all__ = ["NOW", "TODAY", "Population", "Split", "Told", "token_rarity"]
