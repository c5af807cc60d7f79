"""What a reviewer's desk sends: an act on a case, and the words that it needs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgr.platform.text.characters import has_forbidden_characters
from casemgr.platform.vocabularies import CaseStatus
from cases.models import FlagKind, Verdict
from families.models import VerificationBasis


def _plain(text: str) -> None:
    if has_forbidden_characters(text):
        raise forms.ValidationError(
            _("There is a hidden character in this text that we can't keep. Please type it anew.")
        )


class ActForm(forms.Form):
    """One act. Which of the words it needs, its service says."""

    act = forms.CharField(max_length=20)
    item = forms.UUIDField(required=False)
    words = forms.CharField(required=False, max_length=2_000, validators=[_plain])
    police_reference = forms.CharField(required=False, max_length=60, validators=[_plain])
    to = forms.ChoiceField(required=False, choices=CaseStatus.choices)
    kind = forms.ChoiceField(required=False, choices=FlagKind.choices)
    basis = forms.ChoiceField(required=False, choices=VerificationBasis.choices)
    verdict = forms.ChoiceField(required=False, choices=Verdict.choices)
    agrees = forms.BooleanField(required=False)
