"""What those who lead an alliance can add to its case: the screens of a family's report, as far as
they are not the family's own to answer. What may be shown to the public is, marks among it.
"""

from typing import Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import dates
from casemgr.platform.fields import civil_zone
from casemgr.platform.forms import MarkForm, RefusableForm, Words, located
from casemgr.platform.vocabularies import TimelineKind
from cases import services, timeline
from cases.filing import MARK_FIELDS
from cases.models import TimelineEvent
from cases.report_forms import ChildForm, LooksForm, StoryForm, WhenForm
from cases.report_views import Screen, Step, ask_photos, asking, keep_facts, keep_photos


class EventForm(RefusableForm):
    """Something that happened to the child, as far as is known."""

    kind = forms.ChoiceField(label=_("What happened"), choices=TimelineKind.choices)
    occurred_at = Words(label=_("When that was"), max_length=200)
    place = Words(label=_("Where that was"), max_length=300)
    note = Words(label=_("What is known of it"), rows=4, max_length=2_000)

    def clean_note(self) -> str:
        """A line that says nothing helps nobody."""
        note: str = self.cleaned_data["note"]
        if not note.strip():
            raise forms.ValidationError(_("Say in a few words what is known."))
        return note


def _ask_mark(screen: Screen) -> None:
    screen.form = MarkForm(screen.sent)


def _keep_mark(screen: Screen) -> bool:
    """One mark more; those there are stay as they are, ticked where the guardian ticked them."""
    if not screen.form.is_valid():
        return False
    mark = screen.form.mark()
    if mark is None:
        screen.form.add_error("text", _("Say what the mark looks like."))
        return False
    known = [
        {name: getattr(each, name) for name in MARK_FIELDS}
        for each in screen.case.child.marks.all()
    ]
    if any(mark == {k: v for k, v in each.items() if k in mark} for each in known):
        return True  # a second tap
    services.update_case(
        actor=screen.actor,
        case=screen.case,
        case_changes={},
        child_changes={},
        marks=[*known, mark],
    )
    return True


def _ask_event(screen: Screen) -> None:
    screen.form = EventForm(screen.sent)


def _keep_event(screen: Screen) -> bool:
    if not screen.form.is_valid():
        return False
    told, zone = screen.form.cleaned_data, civil_zone()
    same = {"kind": told["kind"], "note": told["note"], "occurred_at_text": told["occurred_at"]}
    if TimelineEvent.objects.filter(case=screen.case, for_review=False, **same).exists():
        return True  # a second tap
    timeline.add_event(
        actor=screen.actor,
        case=screen.case,
        kind=TimelineKind(told["kind"]),
        occurred_at=dates.parse(
            told["occurred_at"], today=timezone.localdate(timezone=zone), zone=zone
        ),
        place=located(told["place"]),
        note=told["note"],
    )
    return True


STEPS: Final = {
    "child": Step(_("Names, and when born"), asking(ChildForm), keep_facts),
    "when": Step(_("When and where"), asking(WhenForm), keep_facts),
    "looks": Step(_("What the child looks like"), asking(LooksForm), keep_facts),
    "mark": Step(_("Add a mark"), _ask_mark, _keep_mark),
    "photos": Step(_("Add photos"), ask_photos, keep_photos),
    "story": Step(_("What happened"), asking(StoryForm), keep_facts),
    "event": Step(_("Add something that happened"), _ask_event, _keep_event),
}
