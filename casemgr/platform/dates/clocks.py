"""Times of day, as minutes from midnight; past 24:00 is the following night."""

import re
from typing import Final

Clock = tuple[int, int]

# In the order tried: the first word found counts.
_PERIODS: Final[tuple[tuple[str, Clock], ...]] = (
    ("凌晨|before dawn|early hours", (0, 5 * 60)),
    ("半夜|深夜|午夜|midnight|middle of the night", (22 * 60, 29 * 60)),
    ("清晨|早晨|早上|今早|清早|一早|一大早|今晨|early morning|dawn", (5 * 60, 9 * 60)),
    ("上午|morning", (7 * 60, 12 * 60)),
    (r"中午|正午|\bnoon|midday|lunchtime", (11 * 60, 14 * 60)),
    ("下午|午后|afternoon", (12 * 60, 18 * 60)),
    ("傍晚|黄昏|天快黑|evening|dusk|nightfall", (17 * 60, 20 * 60 + 30)),
    ("晚上|今晚|昨晚|前晚|当晚|夜里|夜间|昨夜|天黑|tonight|night", (18 * 60, 24 * 60)),
)
_PERIOD_PATTERNS: Final = tuple((re.compile(words), span) for words, span in _PERIODS)
_HOUR_ZH: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:[~到至-](\d{1,2}))?[点时](?!间|候)(?:(半)|(\d{1,2})分?|([1-3])刻)?"
    r"(?:[~到至-](\d{1,2})[点时])?"
)
_HOUR_COLON: Final = re.compile(
    r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?\s*(am|pm)?(?!\d)"
)
_HOUR_EN: Final = re.compile(r"(?<![\d:])(\d{1,2})\s*(am|pm|a\.m\.|p\.m\.|o'?clock)")


def read_clock(text: str) -> Clock | None:
    """The span of the day that a lower-case text names, None if it names none.

    A bare hour up to twelve may be either half of the day unless a word such as 下午 tells.
    """
    period = next((span for pattern, span in _PERIOD_PATTERNS if pattern.search(text)), None)
    return _colon(text, period) or _chinese(text, period) or _english(text, period) or period


def _colon(text: str, period: Clock | None) -> Clock | None:
    match = _HOUR_COLON.search(text)
    if not match:
        return None
    minute = _hour(int(match[1]), match[3] or "", period) * 60 + int(match[2])
    return minute, minute + 1


def _chinese(text: str, period: Clock | None) -> Clock | None:
    match = _HOUR_ZH.search(text)
    if not match or int(match[1]) > 24:
        return None
    start = _hour(int(match[1]), "", period) * 60
    last = match[2] or match[6]
    if last:
        end = (_hour(int(last), "", period) + (1 if match[2] else 0)) * 60
        return (start, end) if end > start else None
    if match[3] or match[4] or match[5]:
        start += 30 if match[3] else int(match[4] or 0) + int(match[5] or 0) * 15
        return start, start + 15
    if period is None and int(match[1]) < 12:
        return start, start + 13 * 60
    return start, start + 60


def _english(text: str, period: Clock | None) -> Clock | None:
    match = _HOUR_EN.search(text)
    if not match or not 1 <= int(match[1]) <= 12:
        return None
    half = match[2][0] + "m" if match[2][0] in "ap" else ""
    start = _hour(int(match[1]), half, period) * 60
    return (start, start + 60) if half or period else (start, start + 13 * 60)


def _hour(hour: int, half: str, period: Clock | None) -> int:
    """The hour of 24: 下午3点 is 15, 12 am is 0, 凌晨12点 is 0."""
    if half == "am" or (period and period[1] <= 9 * 60):
        return 0 if hour == 12 else hour
    afternoon = half == "pm" or (period is not None and period[0] >= 12 * 60)
    if afternoon and hour < 12 and not (period and period[1] > 24 * 60 and hour < 6):
        return hour + 12
    if afternoon and period and period[1] > 24 * 60:  # 半夜12点, 半夜2点
        return 24 + hour % 12
    if period and period[0] == 11 * 60 and hour <= 2:  # 中午1点
        return hour + 12
    return hour
