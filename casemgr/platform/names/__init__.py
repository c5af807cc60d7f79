"""Chinese names in characters and pinyin: taken apart, compared, indexed. Imports no Django."""

from casemgr.platform.names.agreement import NameAgreement, compare
from casemgr.platform.names.forms import NameForms, Reading, forms
from casemgr.platform.names.frequency import family_frequency
from casemgr.platform.names.keys import name_keys

__all__ = [
    "NameAgreement",
    "NameForms",
    "Reading",
    "compare",
    "family_frequency",
    "forms",
    "name_keys",
]
