"""Splink on DuckDB: probabilistic linkage with a model trained on the same data.

Comparisons are what its library offers for our attributes; u by random sampling, m by expectation
maximisation over blocked pairs, or, better than any user could, from pairs that are known.
"""

import logging
import sys
import warnings
from collections.abc import Sequence
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import splink.comparison_level_library as levels
import splink.comparison_library as library
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.rivals.records import Record

Model = dict[str, Any]
MOST_PAIRS: Final = 2e6
AT_ONCE: Final = 50
"""Sightings linked in one go, to keep the pairs in memory few."""
SEED: Final = 1
YEARS: Final = (1, 2, 4, 8)
KILOMETRES: Final = (25, 100, 300, 800)
EVERY_PAIR: Final = "1=1"
BLOCKINGS: Final = (
    "list_has_any(l.sounds, r.sounds)",
    "len(list_intersect(l.words, r.words)) >= 8",
    block_on("born_year", "sex", "province"),
)
"""Pairs among which matches are frequent enough for expectation maximisation."""

warnings.filterwarnings("ignore", module="splink")
logging.getLogger("sqlglot").setLevel(logging.WARNING)


def train(
    cases: Sequence[Record], sightings: Sequence[Record], on_file: float,
    truth: Sequence[int] | None = None,
) -> Model:  # fmt: skip
    """A model's settings. `on_file` is the true share of sightings that are of a case; `truth` the
    number of each sighting's case, where m may be learned from the answers."""
    linker, database = _linker(cases, sightings, _settings(on_file / len(cases)))
    linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS, seed=SEED)
    if truth is not None:
        labels = pa.table({
            "source_dataset_l": ["cases"] * len(truth),
            "unique_id_l": list(truth),
            "source_dataset_r": ["sightings"] * len(truth),
            "unique_id_r": list(range(len(truth))),
        })  # fmt: skip
        registered = database.register(labels, dataset_display_name="labels")
        linker.training.estimate_m_from_pairwise_labels(registered)
    else:
        # Several blockings, so that each comparison is trained in sessions that don't block on it.
        for rule in BLOCKINGS:
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    rule, record_sample_proportion=1.0
                )
            except ValueError as error:  # a level dies out where there are few pairs
                print(f"  Splink could not train on {rule}: {error}", file=sys.stderr)
    model: Model = linker.misc.save_model_to_json()
    return model


def scores(
    model: Model, cases: Sequence[Record], sightings: Sequence[Record]
) -> NDArray[np.float32]:
    """Match weights of every sighting (rows) against every case (columns), without blocking."""
    found = np.full((len(sightings), len(cases)), -np.inf, dtype=np.float32)
    for start in range(0, len(sightings), AT_ONCE):
        linker, _ = _linker(cases, sightings[start : start + AT_ONCE], model)
        pairs = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
        # A link's sides are told apart by their dataset, whichever comes first.
        told = pairs.project(
            "if(source_dataset_l = 'cases', unique_id_r, unique_id_l) AS sighting, "
            "if(source_dataset_l = 'cases', unique_id_l, unique_id_r) AS filed, match_weight"
        ).fetchnumpy()
        found[start + told["sighting"], told["filed"]] = told["match_weight"]
    return found


class NewRecords:
    """Cases that stand ready, to be linked with one new sighting at a time."""

    def __init__(self, model: Model, cases: Sequence[Record], rules: Sequence[Any]) -> None:
        self._linker, self._database = _linker(cases, cases[:1], model)
        self._linker.table_management.compute_tf_table("ethnicity")
        self._cases = self._database.register(_table(cases), dataset_display_name="standing")
        self._rules = list(rules)
        self._asked = 0

    def link(self, sighting: Record) -> list[tuple[int, float]]:
        """The ten heaviest cases by number, with their match weights."""
        self._asked += 1
        new = self._database.register(_table([sighting]), dataset_display_name=f"new_{self._asked}")
        pairs = self._linker.inference.predict_between(
            self._cases,
            new,
            blocking_rules_to_generate_predictions=self._rules,
            warning_mode="never",
        )
        relation = pairs.as_duckdbpyrelation()
        best = relation.order("match_weight DESC").limit(10).project("unique_id_l, match_weight")
        found = [(int(case), float(weight)) for case, weight in best.fetchall()]
        pairs.drop_table_from_database_and_remove_from_cache()
        return found


def _linker(
    cases: Sequence[Record], sightings: Sequence[Record], settings: SettingsCreator | Model
) -> tuple[Linker, DuckDBAPI]:
    connection = duckdb.connect()
    # Splink 5.0 writes lambdas in a way that DuckDB 2.0 only takes when told to.
    connection.execute("SET lambda_syntax = 'ENABLE_SINGLE_ARROW'")
    database = DuckDBAPI(connection)
    tables = [
        database.register(_table(records), dataset_display_name=name)
        for name, records in (("cases", cases), ("sightings", sightings))
    ]
    return Linker(tables, settings, log_level=logging.ERROR), database


def _table(records: Sequence[Record]) -> pa.Table:
    def lists(values: Sequence[Sequence[str]]) -> pa.Array:
        return pa.array([list(value) or None for value in values], type=pa.list_(pa.string()))

    def half(points: Sequence[tuple[float, float] | None], which: int) -> pa.Array:
        return pa.array([point and point[which] for point in points], type=pa.float64())

    places, origins = [r.place for r in records], [r.origin for r in records]
    return pa.table({
        "unique_id": list(range(len(records))),
        "names": lists([r.names for r in records]),
        "sounds": lists([r.sounds for r in records]),
        "sex": pa.array([r.sex for r in records], type=pa.string()),
        "born": pa.array([r.born for r in records], type=pa.float64()),
        "born_year": pa.array([r.born and int(r.born) for r in records], type=pa.int64()),
        "province": pa.array([_cell(r.place) for r in records], type=pa.string()),
        "lost": pa.array([r.lost for r in records], type=pa.float64()),
        "latitude": half(places, 0), "longitude": half(places, 1),
        "from_latitude": half(origins, 0), "from_longitude": half(origins, 1),
        "marks": lists([r.marks for r in records]),
        "speech": lists([r.speech for r in records]),
        "ethnicity": pa.array([r.ethnicity for r in records], type=pa.string()),
        "blood": pa.array([r.blood for r in records], type=pa.string()),
        "words": lists([r.words for r in records]),
    })  # fmt: skip


def _cell(point: tuple[float, float] | None) -> str | None:
    """A cell of four by four degrees, about as large as a province."""
    return point and f"{int(point[0] // 4)}:{int(point[1] // 4)}"


def _settings(chance: float) -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=chance,
        comparisons=[
            library.CustomComparison(
                output_column_name="names",
                comparison_levels=[
                    levels.NullLevel("names"),
                    levels.ArrayIntersectLevel("names", 1),
                    levels.ArrayIntersectLevel("sounds", 1),
                    levels.PairwiseStringDistanceFunctionLevel("sounds", "jaro_winkler", 0.92),
                    levels.PairwiseStringDistanceFunctionLevel("sounds", "jaro_winkler", 0.8),
                    levels.ElseLevel(),
                ],
            ),
            library.ExactMatch("sex"),
            _years("born"),
            _years("lost"),
            library.DistanceInKMAtThresholds("latitude", "longitude", KILOMETRES),
            library.DistanceInKMAtThresholds("from_latitude", "from_longitude", KILOMETRES),
            library.ArrayIntersectAtSizes("marks", [4, 2, 1]),
            library.ArrayIntersectAtSizes("speech", [1]),
            library.ExactMatch("ethnicity").configure(term_frequency_adjustments=True),
            library.ExactMatch("blood"),
            library.ArrayIntersectAtSizes("words", [12, 8, 5, 3, 1]),
        ],
        blocking_rules_to_generate_predictions=[EVERY_PAIR],
        retain_matching_columns=False,
    )


def _years(column: str) -> library.CustomComparison:
    return library.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            *(levels.AbsoluteDifferenceLevel(column, years) for years in YEARS),
            levels.ElseLevel(),
        ],
    )
