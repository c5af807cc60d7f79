"""Holding a service to the refusal it gives."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from casemgr.platform.errors import DomainError


@contextmanager
def refuses(kind: type[DomainError], code: str) -> Iterator[None]:
    """What is done within is refused by `kind` with this code."""
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.code == code
