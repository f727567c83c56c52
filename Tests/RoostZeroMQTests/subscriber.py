"""Decodes the bus of Roost as Sources/RoostCore/RoostCore.docc/WireProtocol.md describes it, and nothing else.

Usage: subscriber.py ENDPOINT TOPIC-PREFIX. Prints "joined" after the first heartbeat without events, then one JSON
document a message. Ends after the heartbeat that names the last event, or with exit code 1 when a rule is broken.
"""

import json
import struct
import sys
import uuid

import zmq


def crc32c(data):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def check(rule, text):
    if not rule:
        sys.exit("broken rule: " + text)


def identifier(raw):
    return str(uuid.UUID(bytes=raw))


def record(body, offset):
    check(len(body) - offset >= 120, "an event is shorter than its head")
    (size, flags, depth, position, version, recorded, occurred) = struct.unpack_from("<IHHQQqq", body, offset)
    event, correlation, causation = (body[offset + at : offset + at + 16] for at in (40, 56, 72))
    (fingerprint, schema) = struct.unpack_from("<QI", body, offset + 88)
    lengths = struct.unpack_from("<5H", body, offset + 100)
    (content, epoch) = struct.unpack_from("<HQ", body, offset + 110)
    check(120 + sum(lengths) <= size <= len(body) - offset, "the lengths of an event do not fit")
    check(content == 0, "an unknown content type")
    texts = []
    at = offset + 120
    for length in lengths:
        texts.append(body[at : at + length].decode("utf-8"))
        at += length
    return size, {
        "eventID": identifier(event),
        "stream": texts[0],
        "type": texts[1],
        "commandID": texts[2],
        "traceparent": texts[3] or None,
        "subject": texts[4] or None,
        "payload": body[at : offset + size].decode("utf-8"),
        "imported": flags & 1 == 1,
        "depth": depth,
        "position": position,
        "version": version,
        "recorded": recorded,
        "occurred": occurred,
        "correlationID": identifier(correlation),
        "causationID": identifier(causation) if any(causation) else None,
        "fingerprint": fingerprint,
        "schemaVersion": schema,
        "epoch": epoch,
    }


def message(frames):
    check(len(frames) == 3, "not three frames")
    topic, header, body = frames
    check(len(header) == 64 and header[:4] == b"RST1", "no header of the bus")
    (version, kind, size, partition, count) = struct.unpack_from("<BBHII", header, 4)
    (epoch, first, newest) = struct.unpack_from("<QQQ", header, 16)
    (body_size, checksum) = struct.unpack_from("<II", header, 56)
    check(version == 1 and size == 64, "another version")
    check(body_size == len(body), "the size of the body")
    check(checksum == crc32c(header[:60] + body), "the checksum")
    check(topic.decode("ascii").endswith(".%08x" % partition), "the topic names another partition")
    events = []
    offset = 0
    while offset < len(body):
        taken, event = record(body, offset)
        check(event["position"] == first + len(events), "positions are not contiguous")
        check(event["epoch"] <= epoch, "an event of a later epoch")
        events.append(event)
        offset += taken
    check(count == len(events), "the count of events")
    return {
        "topic": topic.decode("ascii"),
        "kind": {1: "events", 2: "heartbeat"}[kind],
        "partition": partition,
        "epoch": epoch,
        "first": first,
        "newest": newest,
        "logID": identifier(header[40:56]),
        "events": events,
    }


def main():
    socket = zmq.Context().socket(zmq.SUB)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, 30000)
    socket.setsockopt_string(zmq.SUBSCRIBE, sys.argv[2])
    socket.connect(sys.argv[1])
    expected = 1
    has_joined = False
    while True:
        decoded = message(socket.recv_multipart())
        if decoded["kind"] == "events":
            check(decoded["first"] == expected, "a gap")
            expected += len(decoded["events"])
        elif decoded["newest"] == 0:
            # A sign of life from before the first event: from now on nothing is missed.
            if not has_joined:
                print(json.dumps("joined"), flush=True)
            has_joined = True
            continue
        print(json.dumps(decoded), flush=True)
        if decoded["kind"] == "heartbeat" and decoded["newest"] == expected - 1:
            return


main()
