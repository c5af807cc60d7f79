"""Forms of alliances."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgr.platform.forms import plain
from families.models import MembershipRole


class FoundForm(forms.Form):
    """A new alliance."""

    name = forms.CharField(label=_("Name of the alliance"), max_length=120, validators=[plain])


class InviteForm(forms.Form):
    """What the invited person will do; owning is handed over, never an invitation."""

    role = forms.ChoiceField(label=_("What they will do"), widget=forms.RadioSelect)

    def __init__(self, *args: object, owner: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        member = (MembershipRole.MEMBER.value, _("Member: sees who else is in the alliance"))
        coordinator = (
            MembershipRole.COORDINATOR.value,
            _("Coordinator: also invites members, and sees and looks after all of its cases"),
        )
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [member, coordinator] if owner else [member]
        field.initial = MembershipRole.MEMBER.value
