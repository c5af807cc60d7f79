"""How well the picture hash knows copies of a drawn portrait, and tells different people apart.

Draws people of seeds that nothing else uses, treats each picture as messengers, forums and search
walls do, and prints how many bits copies and strangers are apart. Exits with 1 when two different
people, or fewer than 99 % of the copies that a hash should know, fall on the wrong side of
SAME_PICTURE_BITS.
"""

import argparse
import io
import sys
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from casemgr.demo.portraits import draw, identity  # noqa: E402
from casemgr.platform.images import (  # noqa: E402
    HASH_BITS,
    SAME_PICTURE_BITS,
    decode,
    hamming,
    perceptual_hash,
)

FIRST_SEED = 3_000
KNOWN_SHARE = 0.99


def resaved(image: Image.Image, image_format: str, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, image_format, quality=quality)
    return decode(out.getvalue())


def smaller(image: Image.Image, part: int) -> Image.Image:
    return image.resize((image.width // part, image.height // part))


def marked(image: Image.Image, words: str, height: float, place: tuple[float, float],
           opacity: float) -> Image.Image:  # fmt: skip
    """Words of a share of the picture's height, centred at a share of its width and height."""
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    alpha = round(255 * opacity)
    ImageDraw.Draw(layer).text(
        (image.width * place[0], image.height * place[1]),
        words,
        anchor="mm",
        font=ImageFont.load_default(size=image.height * height),
        fill=(255, 255, 255, alpha),
        stroke_width=1,
        stroke_fill=(0, 0, 0, alpha),
    )
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def barred(image: Image.Image, height: float) -> Image.Image:
    """A dark bar with words across the bottom."""
    copy = image.copy()
    top = round(image.height * (1 - height))
    ImageDraw.Draw(copy).rectangle((0, top, image.width, image.height), fill=(20, 20, 20))
    return marked(copy, "please share", height / 2, (0.5, 1 - height / 2), 1)


def cropped(image: Image.Image, share: float) -> Image.Image:
    x, y = round(image.width * share), round(image.height * share)
    return image.crop((x, y, image.width - x, image.height - y))


Treatment = Callable[[Image.Image], Image.Image]
KNOWN: Mapping[str, Treatment] = {
    "JPEG, quality 30": lambda image: resaved(image, "JPEG", 30),
    "JPEG, quality 15": lambda image: resaved(image, "JPEG", 15),
    "a third of the size, WebP": lambda image: resaved(smaller(image, 3), "WEBP", 80),
    "a site's name in the corner": lambda image: marked(image, "example.org", 0.04, (0.8, 0.95), 1),
    "words across the middle, see-through": lambda image: marked(
        image, "SHARE THIS", 0.1, (0.5, 0.5), 0.5
    ),
    "words across the middle": lambda image: marked(image, "SHARE THIS", 0.1, (0.5, 0.5), 1),
    "brighter": lambda image: image.point(lambda value: min(255, int(value * 1.15) + 8)),
    "half the size, quality 40, marked": lambda image: marked(
        resaved(smaller(image, 2), "JPEG", 40), "SHARE", 0.06, (0.8, 0.93), 1
    ),
}
NOT_PROMISED: Mapping[str, Treatment] = {
    "a bar over the lowest 6 %": lambda image: barred(image, 0.06),
    "a bar over the lowest 10 %": lambda image: barred(image, 0.10),
    "cropped by 3 % a side": lambda image: cropped(image, 0.03),
    "cropped by 10 % a side": lambda image: cropped(image, 0.10),
}


def bits_apart(first: int | None, second: int | None) -> int:
    return HASH_BITS if first is None or second is None else hamming(first, second)


def report(name: str, apart: list[int]) -> float:
    """Print one line; returns the share within SAME_PICTURE_BITS."""
    apart = sorted(apart)
    within = sum(bits <= SAME_PICTURE_BITS for bits in apart) / len(apart)
    print(
        f"{name:38} {apart[0]:5} {apart[len(apart) // 2]:7} {apart[len(apart) * 95 // 100]:5}"
        f" {apart[-1]:5} {within:9.1%}"
    )
    return within


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="20 people: a quick look")
    people = range(FIRST_SEED, FIRST_SEED + (20 if parser.parse_args().small else 200))
    portraits = [draw(identity(seed), 0) for seed in people]
    hashes = [perceptual_hash(portrait) for portrait in portraits]

    print(f"bits of {HASH_BITS} apart{'':24} least  median   p95  most  within {SAME_PICTURE_BITS}")
    shares = []
    for kind, treatments in (("known", KNOWN), ("not promised", NOT_PROMISED)):
        for name, treat in treatments.items():
            copies = (perceptual_hash(treat(portrait)) for portrait in portraits)
            share = report(name, [bits_apart(*pair) for pair in zip(hashes, copies, strict=True)])
            if kind == "known":
                shares.append(share)
    strangers = report("different people", [bits_apart(*pair) for pair in combinations(hashes, 2)])
    return 0 if strangers == 0 and min(shares) >= KNOWN_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
