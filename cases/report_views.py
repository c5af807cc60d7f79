"""A family's report: what to do first, then a few questions on each screen, kept as one goes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from casemgr.platform import audit, limits
from casemgr.platform.access import Action, Actor, Group, any_account, declares, open_to_all
from casemgr.platform.errors import DomainError, Invalid, NotFound
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, report, services
from cases.models import Case
from cases.report_forms import (
    ChildForm,
    LooksForm,
    PhotosForm,
    PublicForm,
    ReachForm,
    StepForm,
    StoryForm,
    WhenForm,
    child_mark_forms,
)
from families.models import Contact, Guardian
from families.services import set_contact

GROUPS = [Group.CASE_DETAIL, Group.CASE_PHOTOS, Group.CASE_PLACE, Group.FAMILY_CONTACT]


@dataclass(slots=True)
class Screen:
    """One screen being asked: whose case, and what the page shows besides its form.

    `guardian` is None where those who lead the case's alliance are asked.
    """

    request: HttpRequest
    actor: Actor
    case: Case
    guardian: Guardian | None = None
    form: Any = None
    more: dict[str, Any] | None = None

    @property
    def sent(self) -> Any:
        """What was typed, or None while the screen is only shown."""
        return self.request.POST if self.request.method == "POST" else None


@open_to_all("says what to do first, and how a report goes; shows nobody's data")
def start(request: HttpRequest) -> HttpResponse:
    """What comes first when a child is missing, and the way into the report."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    draft = report.drafts(actor).order_by("-created_at").first()
    return render(request, "cases/report/start.html", {"draft": draft})


@any_account("filing a report is what makes somebody its unverified guardian")
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """An empty report, or the one that was begun before."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    limits.enforce(request, "writes")
    return redirect("report-step", report.begin(actor=actor).reference, FIRST)


@declares(Action.UPDATE, Group.CASE_DETAIL)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """One screen of the report, or of what can be changed afterwards; POST keeps it and goes on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = STEPS.get(name)
    case, guardian = report.own_case(actor, reference)
    if asked is None or case.status_to_family not in report.CHANGEABLE:
        raise NotFound
    screen = Screen(request, actor, case, guardian)
    if screen.sent is None:
        asked.ask(screen)
        audit.record(actor, Action.READ, "case", [case.pk], groups=GROUPS)
        return _page(screen, name)
    limits.enforce(request, "writes")
    if not kept(screen, asked):
        return _page(screen, name, status=400)
    return _onward(case, name, request)


@declares(Action.UPDATE, Group.CASE_DETAIL)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Throw away a report that was not sent, after asking."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case, _guardian = report.own_case(actor, reference)
    if case.status != CaseStatus.DRAFT:
        raise NotFound
    if request.method == "GET":
        return render(request, "cases/report/discard.html", {"case": case})
    lifecycle.transition(actor=actor, case=case, to=CaseStatus.WITHDRAWN, reason="discarded")
    return redirect("my-cases")


def kept(screen: Screen, asked: "Step") -> bool:
    """Whether what was typed is kept; what is refused stands beside its field."""
    asked.ask(screen)
    try:
        return asked.keep(screen)
    except Invalid as refused:
        if hasattr(screen.form, "take_refusals"):
            screen.form.take_refusals(refused)
        else:
            screen.more = {**(screen.more or {}), "refused": refused}
    except DomainError as refused:
        screen.form.add_error(None, str(refused.message))
    return False


def _onward(case: Case, name: str, request: HttpRequest) -> HttpResponse:
    """The next screen of a report; after a later change, or once sent, the case's own page."""
    if case.status != CaseStatus.DRAFT or name == LAST:
        return redirect("my-case", case.reference)
    if "stay" in request.POST:
        return redirect("report-step", case.reference, name)
    names = list(STEPS)
    return redirect("report-step", case.reference, names[names.index(name) + 1])


def _page(screen: Screen, name: str, status: int = 200) -> HttpResponse:
    names = list(STEPS)
    place = names.index(name)
    page = {
        "case": screen.case,
        "child": screen.case.child,
        "form": screen.form,
        "name": name,
        "title": STEPS[name].title,
        "steps": [(other, STEPS[other].title) for other in names],
        "number": place + 1,
        "count": len(names),
        "before": names[place - 1] if place else None,
        "draft": screen.case.status == CaseStatus.DRAFT,
        "photos_lost": bool(screen.request.FILES),
        **(screen.more or {}),
    }
    return render(screen.request, STEPS[name].template, page, status=status)


# --- the screens ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A screen: `ask` puts its form together, `keep` writes what it says (False: not valid)."""

    title: Promise
    ask: Callable[[Screen], None]
    keep: Callable[[Screen], bool]
    template: str = "cases/report/step.html"


def asking(form: type[StepForm]) -> Callable[[Screen], None]:
    """Put a screen's form together."""

    def ask(screen: Screen) -> None:
        screen.form = form(screen.sent, screen.request.FILES or None, case=screen.case)

    return ask


def keep_facts(screen: Screen) -> bool:
    """Write what was told otherwise than the case says it."""
    if not screen.form.is_valid():
        return False
    case_changes, child_changes = screen.form.changes()
    if case_changes or child_changes:
        services.update_case(
            actor=screen.actor,
            case=screen.case,
            case_changes=case_changes,
            child_changes=child_changes,
        )
    return True


def _ask_looks(screen: Screen) -> None:
    marks = child_mark_forms(screen.case, screen.sent)
    screen.form = LooksForm(screen.sent, case=screen.case)
    screen.more = {"marks": marks}
    if screen.sent is not None:
        screen.more["wrong_marks"] = [mark for mark in marks if not mark.is_valid()]


def _keep_looks(screen: Screen) -> bool:
    assert screen.more is not None
    if not screen.form.is_valid() or screen.more["wrong_marks"]:
        return False
    case_changes, child_changes = screen.form.changes()
    marks = screen.more["marks"]
    told = [mark for form in marks if (mark := form.mark())]
    changed = any(form.has_changed() for form in marks)
    if child_changes or changed:
        services.update_case(
            actor=screen.actor,
            case=screen.case,
            case_changes=case_changes,
            child_changes=child_changes,
            marks=told if changed else None,
        )
    return True


def ask_photos(screen: Screen) -> None:
    """The photos there are, and room for more."""
    screen.form = PhotosForm(screen.sent, screen.request.FILES or None, case=screen.case)
    screen.more = {"photos": screen.case.photos.all()}


def keep_photos(screen: Screen) -> bool:
    """Add the photos that were chosen."""
    if not screen.form.is_valid():
        return False
    photos = screen.form.cleaned_data["photos"]
    limits.enforce(screen.request, "photos", amount=len(photos))
    report.add_photos(actor=screen.actor, case=screen.case, photos=photos)
    return True


def _ask_reach(screen: Screen) -> None:
    assert screen.guardian is not None
    contact = Contact.objects.filter(guardian=screen.guardian).first()
    known = {name: getattr(contact, name, "") for name in ReachForm.base_fields}
    if contact is None and screen.actor.user is not None:
        known |= {"name": screen.actor.user.display_name, "email": screen.actor.user.email or ""}
    screen.form = ReachForm(screen.sent, initial=known)


def _keep_reach(screen: Screen) -> bool:
    if not screen.form.is_valid():
        return False
    assert screen.guardian is not None
    set_contact(actor=screen.actor, guardian=screen.guardian, **screen.form.cleaned_data)
    return True


def _ask_public(screen: Screen) -> None:
    assert screen.guardian is not None
    screen.form = PublicForm(screen.sent, case=screen.case)
    said = report.says_yes(screen.case, screen.guardian)
    screen.form.initial["agreed"] = {True: "yes", False: "no", None: ""}[said]
    screen.more = {"photos": screen.case.photos.all()}


@transaction.atomic
def _keep_public(screen: Screen) -> bool:
    if not keep_facts(screen):
        return False
    assert screen.guardian is not None
    yes: bool = screen.form.cleaned_data["agreed"]
    ticked = set(screen.request.POST.getlist("photo"))
    shown = {photo.pk for photo in screen.case.photos.all() if yes and str(photo.pk) in ticked}
    report.agree(actor=screen.actor, case=screen.case, guardian=screen.guardian, yes=yes)
    report.tick_photos(actor=screen.actor, case=screen.case, shown=shown)
    return True


def _ask_check(screen: Screen) -> None:
    if screen.case.status != CaseStatus.DRAFT:
        raise NotFound
    assert screen.guardian is not None
    screen.more = {
        "photos": screen.case.photos.all(),
        "says_yes": report.says_yes(screen.case, screen.guardian),
    }


def _keep_check(screen: Screen) -> bool:
    report.send(actor=screen.actor, case=screen.case)
    return True


STEPS: Final = {
    "child": Step(gettext_lazy("Your child"), asking(ChildForm), keep_facts),
    "when": Step(gettext_lazy("When and where"), asking(WhenForm), keep_facts),
    "looks": Step(
        gettext_lazy("What your child looks like"),
        _ask_looks,
        _keep_looks,
        "cases/report/looks.html",
    ),
    "photos": Step(gettext_lazy("Photos"), ask_photos, keep_photos, "cases/report/photos.html"),
    "story": Step(gettext_lazy("What happened"), asking(StoryForm), keep_facts),
    "reach": Step(gettext_lazy("How we reach you"), _ask_reach, _keep_reach),
    "public": Step(
        gettext_lazy("What may be shown"), _ask_public, _keep_public, "cases/report/public.html"
    ),
    "check": Step(
        gettext_lazy("Look it through and send"),
        _ask_check,
        _keep_check,
        "cases/report/check.html",
    ),
}
FIRST, LAST = next(iter(STEPS)), list(STEPS)[-1]
