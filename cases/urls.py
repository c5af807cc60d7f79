"""Addresses of the pages of cases."""

from django.urls import path

from cases import (
    activity_views,
    alliance_case_views,
    alliance_views,
    case_file_views,
    desk_views,
    follow_up_views,
    looks_views,
    near_views,
    open_map_views,
    operation_views,
    outcome_views,
    page_report_views,
    public_feeds,
    report_views,
    sharing_views,
    views,
    wall_views,
    word_views,
)
from cases.bulk import import_views
from cases.statistics import views as statistics_views
from cases.statistics.report import views as report_of_year

urlpatterns = [
    path("", views.home, name="home"),
    path("map/", open_map_views.open_map, name="open-map"),
    path("map/places.json", open_map_views.map_places, name="map-places"),
    path("near/", near_views.near, name="near"),
    path("cases/look-up/", views.look_up, name="look-up"),
    path("cases/copies/", case_file_views.index, name="case-files"),
    path("cases/<str:reference>/copy/", case_file_views.case_file, name="case-file"),
    path("cases/<str:reference>/", views.case, name="case"),
    path("cases/<str:reference>/tell/<str:kind>/", page_report_views.report, name="page-report"),
    path("alliances/<uuid:alliance_id>/", alliance_views.alliance, name="alliance"),
    path(
        "alliances/<uuid:alliance_id>/activity/",
        activity_views.happened,
        name="alliance-activity",
    ),
    path("alliances/<uuid:alliance_id>/wall/", wall_views.wall, name="alliance-wall"),
    path(
        "alliances/<uuid:alliance_id>/cases/<str:reference>/",
        alliance_case_views.case,
        name="alliance-case",
    ),
    path(
        "alliances/<uuid:alliance_id>/cases/<str:reference>/hand-in/",
        alliance_case_views.hand_in,
        name="alliance-case-hand-in",
    ),
    path(
        "alliances/<uuid:alliance_id>/cases/<str:reference>/<str:name>/",
        alliance_case_views.step,
        name="alliance-case-step",
    ),
    path("alliances/<uuid:alliance_id>/imports/", import_views.index, name="alliance-imports"),
    path(
        "alliances/<uuid:alliance_id>/imports/sheets/<uuid:sheet_id>/",
        import_views.columns,
        name="alliance-import-sheet",
    ),
    path(
        "alliances/<uuid:alliance_id>/imports/sheets/<uuid:sheet_id>/send/",
        import_views.send_in,
        name="alliance-import-send",
    ),
    path(
        "alliances/<uuid:alliance_id>/imports/<uuid:import_id>/",
        import_views.result,
        name="alliance-import",
    ),
    path(
        "alliances/<uuid:alliance_id>/imports/<uuid:import_id>/undo/",
        import_views.undo,
        name="alliance-import-undo",
    ),
    *(
        path(
            f"alliances/<uuid:alliance_id>/imports/<uuid:import_id>/errors.{kind}",
            import_views.errors,
            {"kind": kind},
            name=f"alliance-import-errors-{kind}",
        )
        for kind in ("csv", "xlsx")
    ),
    path("my/cases/<str:reference>/sharing/", sharing_views.index, name="my-case-sharing"),
    path(
        "my/cases/<str:reference>/sharing/<uuid:alliance_id>/",
        sharing_views.share,
        name="my-case-share",
    ),
    path("feeds/cases.atom", public_feeds.atom, name="cases-atom"),
    path("feeds/cases.json", public_feeds.json_feed, name="cases-json"),
    path("report/", report_views.start, name="report-start"),
    path("report/begin/", report_views.begin, name="report-begin"),
    path("report/<str:reference>/discard/", report_views.discard, name="report-discard"),
    path("report/<str:reference>/<str:name>/", report_views.step, name="report-step"),
    path("account/who-looked/", looks_views.who_looked, name="who-looked"),
    path("account/still-searching/", word_views.still_searching, name="still-searching"),
    path("review/cases/", desk_views.waiting_cases, name="waiting-cases"),
    path("review/yearly/", word_views.yearly_looks, name="yearly"),
    path("review/cases/<str:reference>/", desk_views.desk, name="desk"),
    path("review/cases/<str:reference>/outcome/", outcome_views.outcome, name="outcome"),
    path("review/follow-ups/", follow_up_views.calendar, name="follow-ups"),
    path("review/follow-ups/<uuid:follow_up_id>/", follow_up_views.follow_up, name="follow-up"),
    path("review/claims/<uuid:claim_id>/", desk_views.claim, name="claim"),
    path("review/operations/", operation_views.index, name="operations"),
    path("review/operations/<uuid:operation_id>/", operation_views.operation, name="operation"),
    path("statistics/", statistics_views.page, name="statistics"),
    path("statistics/corridors/", statistics_views.corridor_map, name="corridors"),
    path("statistics/figures.csv", statistics_views.table, name="statistics-table"),
    path("statistics/<int:year>/", report_of_year.report, name="yearly-report"),
    path("statistics/<int:year>/report.pdf", report_of_year.report_pdf, name="yearly-report-pdf"),
    path("statistics/<int:year>/indicators.xlsx", report_of_year.indicators, name="indicators"),
    path("review/reports/", desk_views.reports, name="reports"),
]
