"""What a reviewer's desk sends: an act on a case, and the words that it needs."""

from django import forms

from casemgr.platform.forms import plain
from casemgr.platform.vocabularies import CaseStatus
from cases.models import FlagKind, Verdict
from families.models import VerificationBasis


class ActForm(forms.Form):
    """One act. Which of the words it needs, its service says."""

    act = forms.CharField(max_length=20)
    item = forms.UUIDField(required=False)
    words = forms.CharField(required=False, max_length=2_000, validators=[plain])
    police_reference = forms.CharField(required=False, max_length=60, validators=[plain])
    to = forms.ChoiceField(required=False, choices=CaseStatus.choices)
    kind = forms.ChoiceField(required=False, choices=FlagKind.choices)
    basis = forms.ChoiceField(required=False, choices=VerificationBasis.choices)
    verdict = forms.ChoiceField(required=False, choices=Verdict.choices)
    agrees = forms.BooleanField(required=False)
