"""Addresses to listen on."""

import pytest

from actors.node.listen import ListenAddress, ListenError


@pytest.mark.parametrize(
    ("text", "host", "port", "url"),
    [
        pytest.param("127.0.0.1:8080", "127.0.0.1", 8080, "http://127.0.0.1:8080", id="ipv4"),
        pytest.param("0.0.0.0:80", "0.0.0.0", 80, "http://127.0.0.1:80", id="every-interface"),  # noqa: S104  read, not bound
        pytest.param(":9000", "", 9000, "http://127.0.0.1:9000", id="no-host"),
        pytest.param("[::1]:8080", "::1", 8080, "http://[::1]:8080", id="ipv6"),
        pytest.param("[::]:8080", "::", 8080, "http://[::1]:8080", id="every-interface-ipv6"),
        pytest.param("localhost:0", "localhost", 0, "http://localhost:0", id="name"),
    ],
)
def test_address_is_read(text: str, host: str, port: int, url: str) -> None:
    address = ListenAddress(text)
    assert (address.host, address.port, address.url) == (host, port, url)


@pytest.mark.parametrize(
    "text", ["", "8080", "localhost", "localhost:", "localhost:http", "a:65536", "a:-1", "::1:80", "a:٣"]
)
def test_what_is_no_address_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(ListenError, match="must be 'host:port' with a port from 0 to 65535") as refusal:
        ListenAddress(text)
    assert refusal.value.address == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("192.0.2.1:0", "no interface of this machine has that address", id="not-ours"),
        pytest.param("host.invalid:0", "'host.invalid' is no address", id="unknown-name"),
    ],
)
def test_address_that_cannot_be_bound_is_refused(text: str, says: str) -> None:
    with pytest.raises(ListenError, match=says):
        ListenAddress(text).bind()


def test_second_listener_on_a_port_is_refused_before_it_serves() -> None:
    first = ListenAddress("127.0.0.1:0")
    with first.bind(), pytest.raises(ListenError, match="the port is in use"):
        ListenAddress(f"127.0.0.1:{first.port}").bind()


def test_drawn_port_is_kept_for_the_next_bind() -> None:
    address = ListenAddress("127.0.0.1:0")
    address.bind().close()
    port = address.port
    address.bind().close()
    assert address.port == port > 0
