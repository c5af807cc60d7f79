"""Pages of alliances: founding one, coming in by invitation, inviting, handing over, leaving.

The page of one alliance also lists cases: `cases/alliance_views.py`.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from casemgr.platform import limits, site
from casemgr.platform.access import Action, Actor, Group, Role, any_account, can
from casemgr.platform.accounts.second_factor import require_recent
from casemgr.platform.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from families import alliances, services
from families.forms import FoundForm, InviteForm
from families.models import Alliance, Membership, MembershipRole

_IN_IT = "whether somebody is in the alliance is asked of each one"


@any_account("shows the alliances that the asker is in and no others")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The asker's alliances; POST founds another one."""
    actor = _actor(request)
    form = FoundForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        limits.enforce(request, "writes")
        name = form.cleaned_data["name"]
        assert actor.user is not None
        try:
            made = services.found_alliance(actor=actor, name=name, owner=actor.user)
        except Invalid as refused:
            # A second tap: the first one founded it.
            own = alliances.alliances_of(actor).filter(name=name).first()
            if own is not None:
                return redirect("alliance", own.pk)
            form.add_error("name", str(refused.message))
        else:
            return redirect("alliance", made.pk)
    mine = Membership.objects.filter(user=actor.user_id, left_at__isnull=True)
    page = {
        "memberships": mine.select_related("alliance").order_by("alliance__name"),
        "form": form,
    }
    return render(request, "families/alliances.html", page, status=400 if form.errors else 200)


@any_account("the link's secret is what lets somebody into an alliance")
@sensitive_variables("secret")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Opening the link changes nothing; the button lets the asker in.

    One answer for what is used up, too old, taken back or invented.
    """
    actor = _actor(request)
    limits.enforce(request, "writes")
    if (own := alliances.came_in_by(actor, secret)) is not None:
        return redirect("alliance", own.pk)
    try:
        invitation = alliances.open_invitation(secret)
        if alliances.alliances_of(actor).filter(pk=invitation.alliance_id).exists():
            return redirect("alliance", invitation.alliance_id)
        if request.method == "POST":
            alliances.accept_invitation(actor=actor, secret=secret)
            return redirect("alliance", invitation.alliance_id)
    except Gone:
        page = {"spent": True, "stay_at": "/"}
        return _unlinked(render(request, "families/join.html", page, status=410))
    return _unlinked(render(request, "families/join.html", {"invitation": invitation}))


@any_account(_IN_IT)
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, alliance_id: UUID) -> HttpResponse:
    """Make a link that lets one person in; it is shown once."""
    actor = _actor(request)
    alliance, mine = own_alliance(actor, alliance_id)
    if not can(actor, Action.CREATE, Group.ACCOUNTS, alliance):
        if Role.COORDINATOR in actor.withheld:
            return redirect("second-factor")
        raise Forbidden
    owner = mine.role == MembershipRole.OWNER
    form = InviteForm(request.POST if request.method == "POST" else None, owner=owner)
    page = {"alliance": alliance, "form": form}
    if not form.is_valid():
        status = 400 if form.is_bound else 200
        return render(request, "families/invite.html", page, status=status)
    limits.enforce(request, "writes")
    role = MembershipRole(form.cleaned_data["role"])
    secret = alliances.invite(actor=actor, alliance=alliance, role=role)
    page |= {
        "link": site.address() + reverse("alliance-join", args=[secret]),
        "days": alliances.INVITATION_LIFE.days,
        "role": role,
        "stay_at": reverse("alliance", args=[alliance.pk]),
    }
    return render(request, "families/invited.html", page)


@any_account(_IN_IT)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, alliance_id: UUID, member_id: UUID) -> HttpResponse:
    """Make another member the owner, with the second factor shown anew."""
    actor = _actor(request)
    alliance, mine = own_alliance(actor, alliance_id)
    member = _member(actor, alliance, member_id)
    if member.role == MembershipRole.OWNER and member.pk != mine.pk:
        return redirect("alliance", alliance.pk)  # a second tap
    if mine.role != MembershipRole.OWNER or member.pk == mine.pk:
        raise Forbidden
    if (asked := require_recent(request)) is not None:
        return asked
    if request.method == "POST":
        limits.enforce(request, "writes")
        alliances.hand_over(actor=actor, alliance=alliance, to=member.user)
        return redirect("alliance", alliance.pk)
    page = {"alliance": alliance, "member": member}
    return render(request, "families/hand_over.html", page)


@any_account(_IN_IT)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, alliance_id: UUID, member_id: UUID) -> HttpResponse:
    """Show a member the door, with the second factor shown anew."""
    actor = _actor(request)
    alliance, mine = own_alliance(actor, alliance_id)
    if mine.role != MembershipRole.OWNER or member_id == mine.pk:
        raise Forbidden
    try:
        member = _member(actor, alliance, member_id)
    except NotFound:
        if Membership.objects.filter(alliance=alliance, pk=member_id).exists():
            return redirect("alliance", alliance.pk)  # a second tap
        raise
    if (asked := require_recent(request)) is not None:
        return asked
    if request.method == "POST":
        limits.enforce(request, "writes")
        alliances.remove_member(actor=actor, alliance=alliance, user=member.user)
        return redirect("alliance", alliance.pk)
    page = {"alliance": alliance, "member": member}
    return render(request, "families/remove.html", page)


@any_account(_IN_IT)
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, alliance_id: UUID) -> HttpResponse:
    """Go; whoever is the last owner is told to hand over first."""
    actor = _actor(request)
    if request.method == "POST" and alliances.was_in(actor, alliance_id):
        return redirect("alliances")  # a second tap
    alliance, mine = own_alliance(actor, alliance_id)
    page: dict[str, object] = {"alliance": alliance, "mine": mine}
    if request.method == "POST":
        limits.enforce(request, "writes")
        try:
            alliances.leave(actor=actor, alliance=alliance)
            return redirect("alliances")
        except Conflict as refused:
            page["wrong"] = refused.message
    status = 409 if "wrong" in page else 200
    return render(request, "families/leave.html", page, status=status)


def own_alliance(actor: Actor, alliance_id: UUID) -> tuple[Alliance, Membership]:
    """An alliance that the actor is in, and their place in it. Raises NotFound."""
    mine = Membership.objects.select_related("alliance").filter(
        alliance=alliance_id, user=actor.user_id, left_at__isnull=True
    )
    found = mine.first() if actor.user is not None else None
    if found is None:
        raise NotFound
    return found.alliance, found


def _member(actor: Actor, alliance: Alliance, member_id: UUID) -> Membership:
    member = alliances.members_of(actor=actor, alliance=alliance).filter(pk=member_id).first()
    if member is None:
        raise NotFound
    return member


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _unlinked(page: HttpResponse) -> HttpResponse:
    """The secret stands in the address: other sites are not told it (see accounts' links)."""
    page["Referrer-Policy"] = "strict-origin"
    return page
