"""Every address of the REST API, version 1."""

from typing import Any

from django.urls import URLPattern, path, re_path
from rest_framework.request import Request
from rest_framework.views import APIView

from casemgr.platform.errors import NotFound
from casemgr.platform.partners import api as partners
from casemgr.platform.rest.docs import SchemaView, docs
from casemgr.platform.rest.permissions import OpenToAll
from cases import api as cases
from cases import family_api as family
from cases import follow_up_api as follow_ups
from cases import operation_api as operations
from cases import outcome_api as outcomes
from cases.bulk import export_api as exports
from cases.bulk import import_api as imports
from cases.pfif import api as pfif
from cases.statistics import api as statistics
from families import api as families
from searches import api as searches
from searches import review_api as review


class NothingHere(APIView):
    """What is no address of the API is a problem like any other."""

    access = OpenToAll("answers 404 to whatever is asked")
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so for every method."""
        raise NotFound


Actions = dict[str, Any]
ONE: Actions = {"get": "retrieve"}
MANY: Actions = {"get": "list"}
MANY_OR_NEW: Actions = {"get": "list", "post": "create"}
ONE_OR_CHANGE: Actions = {"get": "retrieve", "patch": "partial_update"}
ALLIANCE, FOLLOW_UP = "alliances/<uuid:pk>/", "follow-ups/<uuid:pk>/"
OPERATION = "operations/<uuid:pk>/"
WEBHOOK = "webhooks/<uuid:pk>/"
IMPORT = "imports/<uuid:pk>/"
CASE, SIGHTING, MATCH = "cases/<uuid:pk>/", "sightings/<uuid:pk>/", "matches/<uuid:pk>/"

urlpatterns: list[URLPattern] = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", docs, name="api-docs"),
    path("cases/", cases.CaseViewSet.as_view(MANY_OR_NEW)),
    path(CASE, cases.CaseViewSet.as_view(ONE_OR_CHANGE)),
    path(CASE + "transitions/", cases.TransitionViewSet.as_view({"post": "create"})),
    path(CASE + "photos/", cases.CasePhotoViewSet.as_view(MANY_OR_NEW)),
    path(CASE + "photos/<uuid:photo_id>/", cases.CasePhotoViewSet.as_view(ONE_OR_CHANGE)),
    path(
        CASE + "photos/<uuid:photo_id>/harmful/",
        cases.HarmfulCasePhotoViewSet.as_view({"post": "create"}),
    ),
    path(CASE + "timeline/", cases.TimelineViewSet.as_view(MANY_OR_NEW)),
    path(CASE + "consents/", family.ConsentViewSet.as_view(MANY_OR_NEW)),
    path(
        CASE + "consents/<uuid:consent_id>/", family.ConsentViewSet.as_view({"delete": "destroy"})
    ),
    path(CASE + "guardians/", family.GuardianViewSet.as_view(MANY_OR_NEW)),
    path(CASE + "links/", family.LinkViewSet.as_view(MANY_OR_NEW)),
    path(CASE + "links/<uuid:link_id>/", family.LinkViewSet.as_view({"delete": "destroy"})),
    path(CASE + "outcome/", outcomes.OutcomeViewSet.as_view({**ONE, "post": "create"})),
    path(CASE + "outcome/steps/", outcomes.OutcomeStepViewSet.as_view({"post": "create"})),
    path(CASE + "outcome/undo/", outcomes.OutcomeUndoViewSet.as_view({"post": "create"})),
    path(CASE + "matches/", review.CaseMatchViewSet.as_view(MANY)),
    path("follow-ups/", follow_ups.FollowUpViewSet.as_view(MANY)),
    path(FOLLOW_UP, follow_ups.FollowUpViewSet.as_view(ONE)),
    path(FOLLOW_UP + "record/", follow_ups.FollowUpRecordViewSet.as_view({"post": "create"})),
    path(FOLLOW_UP + "concern/", follow_ups.FollowUpConcernViewSet.as_view({"post": "create"})),
    path(
        "operations/",
        operations.OperationViewSet.as_view(MANY_OR_NEW),
    ),
    path(OPERATION, operations.OperationViewSet.as_view(ONE_OR_CHANGE)),
    path(OPERATION + "cases/", operations.OperationCaseViewSet.as_view({"post": "create"})),
    path(OPERATION + "handovers/", operations.HandoverViewSet.as_view({"post": "create"})),
    path("statistics/", statistics.StatisticsViewSet.as_view({"get": "figures"})),
    path("statistics/survival/", statistics.StatisticsViewSet.as_view({"get": "survival"})),
    path("sightings/", searches.SightingViewSet.as_view(MANY_OR_NEW)),
    path(SIGHTING, searches.SightingViewSet.as_view(ONE_OR_CHANGE)),
    path(SIGHTING + "photos/", searches.SightingPhotoViewSet.as_view(MANY_OR_NEW)),
    path(SIGHTING + "photos/<uuid:photo_id>/", searches.SightingPhotoViewSet.as_view(ONE)),
    path(
        SIGHTING + "photos/<uuid:photo_id>/harmful/",
        searches.HarmfulSightingPhotoViewSet.as_view({"post": "create"}),
    ),
    path(SIGHTING + "matches/", review.SightingMatchViewSet.as_view(MANY)),
    path("receipts/me/", searches.ReceiptViewSet.as_view({**ONE_OR_CHANGE, "delete": "destroy"})),
    path("matches/", review.MatchViewSet.as_view(MANY)),
    path(MATCH, review.MatchViewSet.as_view(ONE)),
    path(MATCH + "reviews/", review.ReviewViewSet.as_view(MANY_OR_NEW)),
    path(MATCH + "reviews/<uuid:review_id>/", review.ReviewViewSet.as_view({"delete": "destroy"})),
    path("alliances/", families.AllianceViewSet.as_view(MANY_OR_NEW)),
    path("alliances/join/", families.JoinViewSet.as_view({"post": "create"})),
    path(ALLIANCE, families.AllianceViewSet.as_view(ONE)),
    path(ALLIANCE + "invitations/", families.InvitationViewSet.as_view({"post": "create"})),
    path(ALLIANCE + "owner/", families.OwnMembershipViewSet.as_view({"post": "create"})),
    path(ALLIANCE + "membership/", families.OwnMembershipViewSet.as_view({"delete": "destroy"})),
    path("events/", partners.EventViewSet.as_view(MANY)),
    path("webhooks/", partners.WebhookViewSet.as_view(MANY_OR_NEW)),
    path(WEBHOOK, partners.WebhookViewSet.as_view({**ONE_OR_CHANGE, "delete": "destroy"})),
    path(WEBHOOK + "secret/", partners.WebhookSecretViewSet.as_view({"post": "create"})),
    path(WEBHOOK + "test/", partners.WebhookTestViewSet.as_view({"post": "create"})),
    path(WEBHOOK + "deliveries/", partners.DeliveryViewSet.as_view(MANY)),
    path(
        WEBHOOK + "deliveries/<uuid:delivery_id>/replay/",
        partners.ReplayViewSet.as_view({"post": "create"}),
    ),
    path("imports/", imports.ImportViewSet.as_view(MANY_OR_NEW)),
    path(IMPORT, imports.ImportViewSet.as_view(ONE)),
    path(IMPORT + "rows/", imports.ImportRowViewSet.as_view(MANY)),
    path(IMPORT + "errors/csv/", imports.ErrorSheetViewSet.as_view({"get": "csv"})),
    path(IMPORT + "errors/xlsx/", imports.ErrorSheetViewSet.as_view({"get": "xlsx"})),
    path(IMPORT + "photos/", imports.ImportPhotoViewSet.as_view(MANY_OR_NEW)),
    path(IMPORT + "undo/", imports.UndoViewSet.as_view({"post": "create"})),
    path("pfif/", pfif.PfifViewSet.as_view({"post": "create"})),
    path("pfif/person/", pfif.PfifFeedViewSet.as_view({"get": "persons"})),
    path("pfif/note/", pfif.PfifFeedViewSet.as_view({"get": "notes"})),
    path("exports/", exports.ExportViewSet.as_view(MANY_OR_NEW)),
    path("exports/<uuid:pk>/", exports.ExportViewSet.as_view(ONE)),
    path("exports/<uuid:pk>/file/", exports.ExportFileViewSet.as_view(ONE)),
    re_path(r"^.*$", NothingHere.as_view()),
]
