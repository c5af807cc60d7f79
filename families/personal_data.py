"""What families hold of an account."""

from uuid import UUID

from casemgr.platform.personal_data import Section, plain, section
from families.models import Contact, Guardian, Membership


@section("guardianships")
def _guardianships(user_id: UUID) -> Section:
    rows = Guardian.objects.filter(user=user_id).order_by("created_at")
    return Section([plain(row, leave_out=["verified_by"]) for row in rows])


@section("contacts")
def _contacts(user_id: UUID) -> Section:
    return Section([plain(row) for row in Contact.objects.filter(guardian__user=user_id)])


@section("memberships")
def _memberships(user_id: UUID) -> Section:
    rows = Membership.objects.filter(user=user_id).select_related("alliance")
    return Section([{**plain(row), "alliance": row.alliance.name} for row in rows])
