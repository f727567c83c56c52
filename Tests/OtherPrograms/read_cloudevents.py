"""Reads CloudEvents, one on a line, with the library of the format, which checks them; prints what it found as JSON.

Argument: the file."""
import json
import sys

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

names = ("correlationid", "causationid", "traceparent", "partition", "sequence", "streamversion", "depth", "process")
found = []
for line in open(sys.argv[1]):
    event = JSONFormat().read(CloudEvent, line)
    found.append({
        "id": event.get_id(), "source": event.get_source(), "type": event.get_type(), "subject": event.get_subject(),
        "microseconds": round(event.get_time().timestamp() * 1e6), "content": event.get_datacontenttype(),
        "data": None if event.get_data() is None else json.dumps(event.get_data()),
        "extensions": {name: str(event.get_extension(name)) for name in names if event.get_extension(name) is not None},
    })
print(json.dumps(found))
