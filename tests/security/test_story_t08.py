"""T8: a partner's stolen program steers our servers at addresses that are nobody's business.

Python's own audit events show every connection that is tried; here each is written down and then
refused, so that nothing leaves the machine. Names answer what the test says.
"""

import itertools
import socket
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from casemgr.platform.errors import Invalid
from casemgr.platform.partners import addresses
from casemgr.platform.partners.sending import send

PRIVATE = [
    *("0.0.0.0", "10.0.0.1", "10.255.255.254", "100.64.0.1", "127.0.0.1", "127.255.255.254"),  # noqa: S104
    *("169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.254"),
    *("192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.254", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    *("255.255.255.255", "100.100.100.200"),
]
PRIVATE_6 = [
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1"),
    *("2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1"),
    *("fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1"),
]
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
PUBLIC = "93.184.215.14"


def written(address: str) -> Iterator[str]:
    """The ways in which programs write one IPv4 address."""
    parts = [int(part) for part in address.split(".")]
    number = int(ip_address(address))
    yield address
    yield str(number)
    yield hex(number)
    yield "0" + oct(number)[2:]
    yield ".".join(hex(part) for part in parts)
    yield ".".join(f"0{part:o}" for part in parts)
    yield f"{parts[0]}.{parts[1]}.{parts[2] * 256 + parts[3]}"
    yield f"{parts[0]}.{parts[1] * 65536 + parts[2] * 256 + parts[3]}"
    yield ".".join(
        str(part).translate(str.maketrans("0123456789", "０１２３４５６７８９")) for part in parts
    )
    yield address.replace(".", "。")
    yield address + "."


NAMED = {f"name-{number}.example": [each] for number, each in enumerate([*PRIVATE, *PRIVATE_6])} | {
    f"mixed-{number}.example": [PUBLIC, each] for number, each in enumerate(PRIVATE)
}
HOSTILE = [
    *(f"https://{form}/" for address in PRIVATE for form in written(address)),
    *(f"https://[{address}]/" for address in PRIVATE_6),
    *(f"https://{name}/" for name in NAMED),
    *(f"https://{PUBLIC}:{port}/" for port in (0, 22, 25, 80, 6379, 5432, 8443, 65535, 99999)),
    *(f"{scheme}://{PUBLIC}/" for scheme in ("http", "ftp", "file", "gopher", "dict", "ldap", "")),
    *("https://user@name.example/", "https://user:word@name.example/", "https://@name.example/"),
    *("https://name.example/#at", "https://name.example\\@10.0.0.1/", "https:///path", "https://"),
    *("https://name.example/\r\nHost: x", "https://name .example/", "https://name.example/\x00"),
    *("https://127.0.0.1%20.example/", "https://[::1", "https://[fe80::1%25lo]/", "//10.0.0.1/"),
    *("https://localhost/", "https://LOCALHOST/", "https://①②⑦.⓪.⓪.①/", "javascript:alert(1)"),
    "https://name.example/" + "a" * 500,
    "https://" + "a" * 64 + ".example/",
]
tried: list[str] = []
watching = False


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if watching and event == "socket.connect" and isinstance(args[1], tuple):
        tried.append(str(args[1][0]))
        raise ConnectionRefusedError


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _no_way_out(settings: Settings) -> Iterator[None]:
    global watching
    settings.WEBHOOKS_LOCAL = False
    tried.clear()
    watching = True
    yield
    watching = False


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Let names answer with these addresses; an iterator gives each question its own answer."""
    real = socket.getaddrinfo

    def answer_with(known: dict[str, Any]) -> None:
        def answer(host: str, port: int, *args: Any, **options: Any) -> Any:
            if host not in known:
                return real(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            found = known[host]
            each = found if isinstance(found, list) else [next(found)]
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in each
            ]

        monkeypatch.setattr(socket, "getaddrinfo", answer)

    return answer_with


def test_hundreds_of_hostile_addresses_are_connected_to_by_nothing(
    names: Callable[[dict[str, Any]], None],
) -> None:
    names(NAMED | {"localhost": ["127.0.0.1"], "name.example": ["10.0.0.1"]})
    assert len(set(HOSTILE)) == len(HOSTILE) >= 300

    for url in HOSTILE:
        assert send(url, b"{}", {}).outcome in ("not_public", "no_such_name"), url
        assert tried == [], url


def test_a_public_address_is_connected_to(names: Callable[[dict[str, Any]], None]) -> None:
    """The watch above can see: the same call to a good name does try to connect."""
    names({"good.example": [PUBLIC]})

    assert send("https://good.example/", b"{}", {}).outcome == "connection"
    assert tried == [PUBLIC]


def test_a_name_that_changes_its_mind_gains_nothing(
    names: Callable[[dict[str, Any]], None],
) -> None:
    """Public when it is looked at, private when it is connected to; and the other way round."""
    names({"turncoat.example": itertools.cycle([PUBLIC, "169.254.169.254"])})
    for _ in range(10):
        send("https://turncoat.example/", b"{}", {})

    assert set(tried) == {PUBLIC}


def test_what_is_plainly_no_public_address_is_refused_when_it_is_set_up() -> None:
    unmistakable = [f"https://{address}/" for address in PRIVATE]
    unmistakable += [f"https://[{address}]/" for address in PRIVATE_6]
    for url in (*unmistakable, "http://name.example/", "https://name.example:8443/"):
        with pytest.raises(Invalid):
            addresses.check_url(url)
    addresses.check_url("https://hooks.example.org/homeward?key=1")


def test_this_machine_is_reached_only_where_a_demo_allows_it(settings: Settings) -> None:
    assert send("http://127.0.0.1:9/", b"{}", {}).outcome == "not_public"
    settings.WEBHOOKS_LOCAL = True
    send("http://127.0.0.1:9/", b"{}", {})
    assert tried == ["127.0.0.1"]
    for url in ("https://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/"):
        assert send(url, b"{}", {}).outcome == "not_public", url
    assert tried == ["127.0.0.1"]
