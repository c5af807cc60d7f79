"""Bodies that the schema shows for the feed and for webhooks."""

from casemgr.platform.rest.schema import example

EVENT = example(
    "A case that is public now",
    {
        "id": "6a7c2a0e-4a55-4d0b-b1c1-3d1f5f2f9a77",
        "type": "case.opened",
        "occurred_at": "2026-11-24T06:15:38.037981Z",
        "data": {"case": "0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11", "reference": "HW-XYN-889-6"},
        "created_at": "2026-11-24T06:15:38.037981Z",
        "updated_at": "2026-11-24T06:15:38.037981Z",
    },
)
NEW_WEBHOOK = example(
    "An address",
    {"url": "https://hooks.example.org/homeward", "types": ["case.opened", "case.withdrawn"]},
    request=True,
)
WEBHOOK = example(
    "An address",
    {
        "id": "6a7c2a0e-4a55-4d0b-b1c1-3d1f5f2f9a77",
        "url": "https://hooks.example.org/homeward",
        "types": ["case.opened", "case.withdrawn"],
        "status": "active",
        "created_at": "2026-11-24T06:15:38.037981Z",
        "updated_at": "2026-11-24T06:15:38.037981Z",
    },
)
