"""Protocol buffers (protobuf.dev, "Encoding"): the few fields that are needed, without a schema."""

from collections.abc import Iterator


class Malformed(ValueError):  # noqa: N818
    """The bytes are no protocol buffer."""


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of every field: an int for a varint, bytes for everything else.
    Raises Malformed: the bytes end early, or have a wire type that isn't known."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire_type = key >> 3, key & 7
        if wire_type == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire_type == 2:
            size, at = _varint(data, at)
        elif wire_type in (1, 5):
            size = 8 if wire_type == 1 else 4
        else:
            raise Malformed(f"wire type {wire_type}")
        if size > len(data) - at:
            raise Malformed("the bytes end inside a field")
        yield number, data[at : at + size]
        at += size


def number_in(data: bytes, wanted: int) -> int:
    """The varint field `wanted`; 0 when it is not there. Raises Malformed."""
    value = next((value for number, value in _fields(data) if number == wanted), 0)
    return value if isinstance(value, int) else 0


def text_in(data: bytes, wanted: int) -> str:
    """The text field `wanted`; "" when it is not there. Raises Malformed."""
    value = next((value for number, value in _fields(data) if number == wanted), b"")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed("a number that does not end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
