"""Reads what 'roost trace' exports with the libraries of those formats; prints what they found as JSON.

Arguments: a file of OTLP/JSON and a file of DOT."""
import json
import sys

import pydot
from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from otlp_json import as_protobuf

data = json_format.ParseDict(as_protobuf(json.load(open(sys.argv[1]))), TracesData())
spans = []
for resource in data.resource_spans:
    service = {item.key: item.value.string_value for item in resource.resource.attributes}["service.name"]
    for scope in resource.scope_spans:
        for span in scope.spans:
            spans.append({
                "service": service, "name": span.name, "trace": span.trace_id.hex(), "span": span.span_id.hex(),
                "parent": span.parent_span_id.hex(), "links": [link.span_id.hex() for link in span.links],
                "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
            })
(graph,) = pydot.graph_from_dot_file(sys.argv[2])
nodes = [node for node in graph.get_nodes() if node.get_name() not in ("node", "edge")]
edges = [[edge.get_source().strip('"'), edge.get_destination().strip('"')] for edge in graph.get_edges()]
print(json.dumps({"spans": spans, "nodes": len(nodes), "edges": edges}))
