"""Bodies that the schema shows for bulk jobs."""

from casemgr.platform.rest.schema import example

IMPORT = example(
    "An import half-way",
    {
        "id": "6a7c2a0e-4a55-4d0b-b1c1-3d1f5f2f9a77",
        "format": "csv",
        "mode": "skip_bad",
        "dry_run": False,
        "alliance": None,
        "status": "running",
        "progress": 0.5,
        "rows": 300,
        "counts": {
            **{"created": 140, "updated": 4, "unchanged": 3, "refused": 3},
            **{"undone": 0, "kept": 0, "left_out": 0},
        },
        "problem": None,
        "created_at": "2026-11-24T06:15:38.037981Z",
        "updated_at": "2026-11-24T06:15:40.112004Z",
        "finished_at": None,
    },
)
EXPORT = example(
    "An export that can be fetched",
    {
        "id": "6a7c2a0e-4a55-4d0b-b1c1-3d1f5f2f9a77",
        "format": "csv",
        "status": "done",
        "progress": 1.0,
        "rows": 300,
        "problem": None,
        "expires_at": "2026-11-25T06:15:38.037981Z",
        "created_at": "2026-11-24T06:15:38.037981Z",
        "updated_at": "2026-11-24T06:15:40.112004Z",
        "finished_at": "2026-11-24T06:15:40.112004Z",
    },
)
