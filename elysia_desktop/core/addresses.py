"""Addresses of servers, as a person types them and as they are told."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_USER = re.compile(r"(?<=//)[^/?#]*@")


def checked_address(text: str) -> str:
    """The address without blanks around it and slashes at its end; raises `ValueError`, saying what is wrong."""
    address = text.strip().rstrip("/")
    if not address:
        return ""
    if not address.startswith(("http://", "https://")):
        raise ValueError("An address starts with http:// or https://.")
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna")
    except ValueError:
        host = b""
    if not host or not address.isprintable() or " " in address:
        raise ValueError("That is no address; one looks like http://localhost:8000/v1.")
    try:
        has_port = urlsplit(address).port != 0
    except ValueError:
        has_port = False
    if not has_port:
        raise ValueError("The port of an address is a number from 1 to 65535.")
    return address


def without_user(address: str) -> str:
    """The address without the name and password that may stand in it."""
    return _USER.sub("", address)
