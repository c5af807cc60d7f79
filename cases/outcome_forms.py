"""What the page of a case's outcome sends: one step, and what it says."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgr.platform.forms import plain
from casemgr.platform.vocabularies import IdentityEstablishedBy, Obstacle, OutcomeKind, Situation
from cases.models import ContactWish
from cases.outcomes import EVIDENCE_BYTES, LONGEST


def _words(most: int = LONGEST) -> forms.CharField:
    return forms.CharField(required=False, max_length=most, validators=[plain])


class OutcomeForm(forms.Form):
    """One act. Which of the words it needs, its service says."""

    act = forms.CharField(max_length=20)
    item = forms.UUIDField(required=False)
    reason = _words(500)
    authority = _words()
    place = _words()
    identity_by = forms.MultipleChoiceField(required=False, choices=IdentityEstablishedBy.choices)
    identity_who = _words()
    identity_note = _words()
    evidence = forms.FileField(required=False)
    wish = forms.ChoiceField(required=False, choices=ContactWish.choices)
    child_words = _words()
    guardian_words = _words()
    kind = forms.ChoiceField(required=False, choices=OutcomeKind.choices)
    occurred_at = _words(200)
    situation_found = forms.ChoiceField(required=False, choices=Situation.choices)
    obstacle = forms.ChoiceField(required=False, choices=Obstacle.choices)
    merged_into = _words(20)
    note = _words()

    def clean_evidence(self) -> bytes:
        """The file's bytes; refused, unread, above the limit."""
        sent = self.cleaned_data.get("evidence")
        if not sent:
            return b""
        if sent.size > EVIDENCE_BYTES:
            raise forms.ValidationError(_("This file is larger than 15 MB."))
        data: bytes = sent.read()
        return data
