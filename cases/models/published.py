"""Figures that others published, to read beside the site's own and never counted among them."""

from django.db import models
from django.utils.translation import get_language


class PublishedFigure(models.Model):
    """One historical figure as it was published, in both languages; `position` orders them."""

    code = models.CharField(max_length=40, unique=True)
    words_en = models.CharField(max_length=200)
    words_zh = models.CharField(max_length=200)
    count = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.code

    @property
    def words(self) -> str:
        """What is counted, in the reader's language."""
        return self.words_zh if (get_language() or "").startswith("zh") else self.words_en
