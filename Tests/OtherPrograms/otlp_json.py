"""OTLP/JSON as protobuf's JSON: OTLP writes IDs as hexadecimal digits where protobuf has base64."""
import base64


def as_protobuf(value):
    if isinstance(value, dict):
        return {
            key: base64.b64encode(bytes.fromhex(item)).decode()
            if key in ("traceId", "spanId", "parentSpanId") else as_protobuf(item)
            for key, item in value.items()
        }
    return [as_protobuf(item) for item in value] if isinstance(value, list) else value
