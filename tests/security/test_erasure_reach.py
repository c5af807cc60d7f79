"""Whatever holds words of people goes with them: each model is reached, or is said to hold none."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from casemgr.platform import erasure
from casemgr.platform.accounts.models import User
from casemgr.platform.erasure.reach import dependents
from cases.models import Case, PfifNote, PfifRecord
from families.models import Guardian
from searches.models import Sighting
from tests.cast import Cast
from tests.factories import file_case
from tests.security import canaries

ROOTS: tuple[type[models.Model], ...] = (Case, Guardian, Sighting, User)
"""Whose rows are erased with all that hangs on them."""
ELSEWHERE = {
    # Swept by what stands in them: ids of the erased, and sessions of the account.
    "sessions.Session": "sessions of an erased account are ended and deleted",
    "platform.AuditEntry": "ids become pseudonyms; reasons are sealed with a key that is deleted",
    "platform.AuditSubject": "its row is the key that is deleted",
    "platform.Event": "events that name the erased are deleted",
    "platform.IdempotencyKey": "answers that name the erased are deleted",
    "platform.Job": "a handler's name and the name of what went wrong",
    "partners.FeedEvent": "ids, and codes of what happened",
    "cases.PfifRecord": "blanked to its id and dates when its case is erased",
    "cases.PfifNote": "deleted when its record is blanked",
    "cases.HarmfulImage": "kept as the ban on its upload: hash, and words of the police",
}
NOBODYS = {
    "contenttypes.ContentType": "names of models",
    "auth.Permission": "names of rights",
    "platform.Erasure": "names the erased on purpose until the search has found nothing",
    "platform.LegalHold": "two officers' reason for keeping something",
    "site.SiteSettings": "the site's own name and numbers",
    "partners.Partner": "an organisation's domain",
    "partners.ApiClient": "an organisation's program",
    "partners.AccessToken": "scopes",
    "partners.RequestLine": "routes without ids",
    "partners.Webhook": "an organisation's address",
    "partners.Delivery": "what a partner's server answered, as a code",
    "cases.ExportJob": "what a program asked for; its cases are sealed to that program alone",
    "cases.PublishedFigure": "figures of the past, as they were published",
    "cases.Operation": "an action of the police, as it was reported; no child's name or place",
    "cases.Suspects": "counts",
    "cases.Handover": "to whom the police's action was handed over",
    "cases.RememberedColumns": "headings of an alliance's lists, and what they were said to be",
    "searches.LedgerEntry": "lines of evidence as codes and weights, without values",
    "searches.Calibration": "weights learnt from many pairs",
}


def with_words() -> dict[str, type[models.Model]]:
    """Models with a column that takes words, whatever the words are for."""
    return {
        model._meta.label: model
        for model in apps.get_models()
        if any(
            each.name not in canaries.NEVER and canaries._filled(each, "x") is not None
            for each in model._meta.concrete_fields
        )
    }


def reached() -> set[str]:
    """Models whose rows go with one of the roots."""
    found: set[str] = set()

    def walk(model: type[models.Model]) -> None:
        if model._meta.label not in found:
            found.add(model._meta.label)
            for dependent, _name in dependents(model):
                walk(dependent)

    for root in ROOTS:
        walk(root)
    return found


def test_every_model_with_words_goes_with_somebody_or_is_said_to_hold_nobodys() -> None:
    assert sorted(set(with_words()) - reached()) == sorted({*ELSEWHERE, *NOBODYS})


@pytest.mark.django_db
def test_a_partners_record_of_an_erased_case_says_nothing_any_more(cast: Cast) -> None:
    case, word, now = file_case(cast), canaries.canary(1), timezone.now()
    record = PfifRecord.objects.create(
        record_id="example.org/1",
        case=case,
        partner=cast.partner,
        fields=word,
        entry_date=now,
        source_date=now,
        expiry_date=now + timedelta(days=300),
    )
    PfifNote.objects.create(
        record=record,
        note_id="example.org/2",
        partner=cast.partner,
        fields=word,
        entry_date=now,
    )
    assert canaries.find(word)

    asked = erasure.request(erasure.Kind.CASE, case.pk, why=erasure.Why.RETENTION)
    erasure.run(asked.pk)

    assert not Case.objects.filter(pk=case.pk).exists()
    assert canaries.find(word) == {}
