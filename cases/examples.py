"""Bodies that the schema shows for cases. Everybody in them is invented."""

from casemgr.platform.rest.schema import example

NEW_CASE = example(
    "A case, as a family files it",
    {
        "public_name": "小满",
        "child": {
            "sex": "female",
            "full_name": "林小满",
            "nicknames": ["满满"],
            "birth_date": "2006-05-21",
            "marks": [
                {"kind": "mole", "body_part": "cheek", "side": "left", "public": True},
                {"kind": "scar", "body_part": "knee", "side": "right"},
            ],
        },
        "missing_at": {"text": "2011年夏天"},
        "missing_from": {"text": "西山区一个集市", "division_code": "530112"},
        "place_type": "market",
    },
    request=True,
)
NEW_GUARDIAN = example(
    "Who speaks for the child",
    {"relation": "grandmother", "contact": {"name": "林秀英", "phone": "+86 10 0000 0000"}},
    request=True,
)
NEW_CONSENT = example(
    "A guardian's signed yes to the public card",
    {"purpose": "publish", "guardian": "6a7c2a0e-4a55-4d0b-b1c1-3d1f5f2f9a77"},
    request=True,
)
NEW_LINK = example(
    "A brother's case",
    {"kind": "sibling", "case": "0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11"},
    request=True,
)
SUBMIT = example("Hand a draft in", {"to": "submitted"}, request=True)
CARD = example(
    "The public card",
    {
        "id": "0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11",
        "reference": "HW-XYN-889-6",
        "public_name": "Xiaoman",
        "sex": "female",
        "birth_year": 2006,
        "age_then": {"least": 5, "most": 5},
        "age_now": {"least": 20, "most": 20},
        "missing_month": {"earliest": "2011-06", "latest": "2011-08"},
        "missing_from": {"label": "Xishan, Kunming, Yunnan", "division_code": "530112"},
        "marks": [{"kind": "mole", "body_part": "cheek", "side": "left", "text": ""}],
        "photos": [],
        "created_at": "2026-11-24T06:15:38.037981Z",
        "updated_at": "2026-11-24T06:15:38.037981Z",
    },
)
NEW_PROPOSAL = example(
    "What a partner knows",
    {
        "kind": "reunited",
        "occurred_at": "2026-11-02",
        "identity_established_by": ["dna", "police"],
        "situation_found": "in_institution",
        "note": "The county police told us on 3 November; their reference is 2026-114.",
    },
    request=True,
)
PROPOSAL_RECEIVED = example(
    "The whole answer to a partner",
    {
        "id": "6a7c2a0e-4a55-4d0b-b1c1-3d1f5f2f9a77",
        "created_at": "2026-11-24T06:15:38.037981Z",
        "updated_at": "2026-11-24T06:15:38.037981Z",
    },
)
