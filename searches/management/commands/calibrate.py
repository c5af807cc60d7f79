"""`manage.py calibrate`: what reviewers' decisions say of the weights, and taking it into use."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgr.platform.access import Actor
from searches import calibrations, ledger
from searches.matching import learning, picture
from searches.matching.learning import Decided, Replay
from searches.matching.weighing import Weighing

FEWEST = 30
"""Pairs of either outcome below which a calibration is not taken into use."""


class Command(BaseCommand):
    """Prints levels, factors and a replay of all decisions; without --apply it changes nothing."""

    help = "Re-estimate the weights of comparisons from decided pairs, and show before and after."

    def add_arguments(self, parser: CommandParser) -> None:
        default = settings.VAR_DIR / "calibration.svg"
        parser.add_argument("--picture", type=Path, default=default, help="where to draw the curve")
        parser.add_argument("--apply", action="store_true", help="judge by it from now on")

    def handle(self, *args: Any, **options: Any) -> None:
        decided = ledger.decided()
        same = sum(pair.same for pair in decided)
        other = len(decided) - same
        self.stdout.write(f"{len(decided):,} pairs decided: {same:,} accepted, {other:,} rejected")
        if not decided:
            return
        now, then = (
            calibrations.current(),
            learning.estimate(decided, calibrations.next_version()),
        )
        before, after = learning.replay(decided, now), learning.replay_unseen(decided)
        self._levels(decided, now, then)
        self._factors(now, then)
        self._bands(before, after)
        self._draw(options["picture"], decided, before, after)
        if not options["apply"]:
            self.stdout.write("Nothing was changed. With --apply, judge by it from now on.")
            return
        if min(same, other) < FEWEST:
            raise CommandError(f"Too few to go by: {FEWEST} of either outcome are needed.")
        figures = {"pairs": len(decided), "before": _kept(before), "after": _kept(after)}
        held = calibrations.apply(actor=Actor(), weighing=then, figures=figures)
        self.stdout.write(f"Calibration {held.version} is taken up by the workers within minutes.")

    def _levels(self, decided: Sequence[Decided], now: Weighing, then: Weighing) -> None:
        self.stdout.write(
            f"\n{'':16}{'level':16}{'accepted':>9}{'rejected':>9}{'bits':>8}{'new':>8}"
        )
        for level in learning.levels(decided, now, then):
            self.stdout.write(
                f"{level.comparison:16}{level.level:16}{level.accepted:9,}{level.rejected:9,}"
                f"{level.before:8.2f}{level.after:8.2f}"
            )

    def _factors(self, now: Weighing, then: Weighing) -> None:
        self.stdout.write(f"\n{'':16}{'':16}{'factor':>9}{'new':>9}")
        for direction, sign in (("for", 1.0), ("against", -1.0)):
            shares = then.speaking_for if sign > 0 else then.speaking_against
            for comparison in sorted(shares):
                was, becomes = now.share(comparison, sign), then.share(comparison, sign)
                self.stdout.write(f"{comparison:16}{direction:16}{was:9.2f}{becomes:9.2f}")
        self.stdout.write(f"{'prior, bits':32}{now.prior_bits:9.2f}{then.prior_bits:9.2f}")

    def _bands(self, before: Replay, after: Replay) -> None:
        self.stdout.write(
            "\nAll decisions judged again; 'new' judges each by what the others taught"
            f"\n{'':16}{'pairs':>9}{'new':>9}{'precision':>11}{'new':>9}{'recall':>9}{'new':>9}"
        )
        for old, new in zip(before.bands, after.bands, strict=True):
            self.stdout.write(
                f"{old.band:16}{old.pairs:9,}{new.pairs:9,}{_share(old.precision):>11}"
                f"{_share(new.precision):>9}{_share(old.recall):>9}{_share(new.recall):>9}"
            )
        self.stdout.write(f"{'log loss':16}{before.log_loss:9.4f}{after.log_loss:9.4f}")

    def _draw(self, where: Path, decided: Sequence[Decided], before: Replay, after: Replay) -> None:
        same = np.array([pair.same for pair in decided], dtype=np.bool_)
        old = picture.Panel("before", picture.tenths(before.given, same))
        new = picture.Panel("after", picture.tenths(after.given, same))
        title = f"{len(decided):,} decided pairs"
        try:
            where.write_text(picture.draw(old, new, title), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"Could not draw {where}: {error.strerror}") from error
        self.stdout.write(f"\nThe calibration curve is drawn in {where}")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _kept(replay: Replay) -> dict[str, Any]:
    return {
        "log_loss": replay.log_loss,
        "bands": {band.band: [band.pairs, band.precision, band.recall] for band in replay.bands},
    }
