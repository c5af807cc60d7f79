"""Forms of partners and their clients."""

from django import forms
from django.utils.translation import gettext_lazy as _

SCOPE_LABELS = {
    "cases:read": _("Read the organisation's cases, and those shared with it by consent"),
    "cases:write": _("File cases and change them"),
    "sightings:read": _("Read the sightings that the organisation sent"),
    "sightings:write": _("Send sightings and photos"),
    "outcomes:propose": _("Propose how a case ended; two reviewers decide"),
    "events:read": _("Read the feed of events"),
    "webhooks:manage": _("Set up addresses that events are sent to"),
    "statistics:read": _("Read statistics for partners"),
}
"""What each scope lets a program do, for the people who choose."""


class PartnerForm(forms.Form):
    """A new organisation."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=120)


class DomainForm(forms.Form):
    """Which PFIF records are an organisation's own."""

    domain = forms.RegexField(
        r"^(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        label=_("PFIF domain"),
        help_text=_("What the ids of its records begin with, such as example.org. Empty for none."),
        max_length=120,
        required=False,
    )


class AppointForm(forms.Form):
    """Who is to look after an organisation's programs."""

    email = forms.EmailField(label=_("E-mail address of their account"))


class ClientForm(forms.Form):
    """A new program and what it may do."""

    name = forms.CharField(label=_("Name of the program"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPE_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose no more than it needs."),
    )
