"""Words of any text as search tokens, and the small bilingual vocabulary. Imports no Django."""

from casemgr.platform.text.characters import has_forbidden_characters
from casemgr.platform.text.runs import normalised
from casemgr.platform.text.terms import kind_of, terms
from casemgr.platform.text.tokens import MAX_CHARACTERS, tokens

__all__ = ["MAX_CHARACTERS", "has_forbidden_characters", "kind_of", "normalised", "terms", "tokens"]
