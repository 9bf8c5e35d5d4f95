"""Connections that are watched: to whom they lead, and how long one answer may take, its head included.

Here: what `requests` leaves open. Not here: requests (`client`).
"""

import http.client
import io
import ipaddress
import socket
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

TIMEOUTS_AN_ANSWER = 4
"""An answer is whole within so many timeouts: the timeout itself begins anew with every byte that a server drips."""


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class PrivateAddress(Exception):
    """A public name led to this private address; nothing was sent there."""


def is_private(address: str) -> bool:
    """Whether an IP address lies outside the public internet: loopback, private, link-local, reserved …; an IPv6 address that
    carries an IPv4 one through a gateway (NAT64, 6to4) is as private as that."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else found.sixtofour
        if carried is not None:
            return not carried.is_global
    return not found.is_global


class _Timed(io.RawIOBase):
    def __init__(self, raw: Any, seconds: float) -> None:
        self._raw, self._until = raw, time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._until:
            raise TimeoutError
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *rest: Any, **given: Any) -> None:
        super().__init__(sock, *rest, **given)
        if timeout := sock.gettimeout():
            self.fp = io.BufferedReader(_Timed(self.fp.detach(), TIMEOUTS_AN_ANSWER * timeout))


def _check_peer(connected: Any) -> Any:
    """The address that was really connected to, so that no answer of a name server comes between check and use."""
    address = connected.getpeername()[0]
    if is_private(address):
        connected.close()
        raise PrivateAddress(address)
    return connected


class _HTTP(HTTPConnection):
    response_class = _Answer


class _HTTPS(HTTPSConnection):
    response_class = _Answer


class _PublicHTTP(_HTTP):
    def _new_conn(self) -> Any:
        return _check_peer(super()._new_conn())


class _PublicHTTPS(_HTTPS):
    def _new_conn(self) -> Any:
        return _check_peer(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class _PublicTLSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class WatchedAdapter(HTTPAdapter):
    """Makes watched connections only; `is_public`: refuses private addresses, before a byte is sent."""

    def __init__(self, *, is_public: bool) -> None:
        self._pools = {"http": _PublicPool, "https": _PublicTLSPool} if is_public else {"http": _Pool, "https": _TLSPool}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager
