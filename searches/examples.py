"""Bodies that the schema shows for sightings and review. Everybody in them is invented."""

from casemgr.platform.rest.schema import example

NEW_SIGHTING = example(
    "A girl in the street",
    {
        "kind": "street",
        "seen_at": "yesterday around noon",
        "place": {"text": "square before the railway station", "division_code": "440300"},
        "sex": "female",
        "apparent_age_min": 5,
        "apparent_age_max": 7,
        "situation": "peddling",
        "description": "Sells flowers; a small scar over the left eyebrow.",
    },
    request=True,
)
RECEIVED = example(
    "The whole answer",
    {"id": "6a7c2a0e-4a55-4d0b-b1c1-3d1f5f2f9a77", "receipt": "c8464k-hh89mw-w8q339"},
)
REVIEW = example(
    "A yes", {"decision": "accept", "reason": "The scar and the village agree."}, request=True
)
