"""A collector of OpenTelemetry on a free port of this machine: takes spans over HTTP and parses them with the protocol's own
library. Prints how to reach it. Each line of its input is a number of spans, and is answered with a line of JSON once as many
were taken; ends with its input.

Argument: a JSON list of the first answers, each {"status", "headers", "body"} or "drop" to close the connection. Then it takes
everything. What is sent while an answer is not 200 is parsed too, and then left out."""
import json
import queue
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from otlp_json import as_protobuf

answers = json.loads(sys.argv[1])
taken = []
requests = []
changed = threading.Condition()


def spans(body):
    request = json_format.ParseDict(as_protobuf(json.loads(body)), ExportTraceServiceRequest())
    for resource in request.resource_spans:
        about = {item.key: item.value.string_value for item in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "service": about["service.name"], "cluster": about["service.namespace"], "name": span.name,
                    "trace": span.trace_id.hex(), "span": span.span_id.hex(), "parent": span.parent_span_id.hex(),
                    "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
                }


class Collector(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        found = list(spans(body))
        with changed:
            answer = answers.pop(0) if answers else {"status": 200}
            status = 0 if answer == "drop" else answer["status"]
            requests.append({
                "path": self.path, "headers": {key.lower(): value for key, value in self.headers.items()},
                "spans": len(found), "status": status,
            })
            if status == 200:
                taken.extend(found)
            changed.notify_all()
        if answer == "drop":
            self.close_connection = True
            return
        text = answer.get("body", "{}").encode()
        self.send_response(status)
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def answer(questions):
    while True:
        count = questions.get()
        with changed:
            changed.wait_for(lambda: len(taken) >= count)
            print(json.dumps({"spans": taken, "requests": requests}), flush=True)


server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
server.daemon_threads = True
questions = queue.Queue()
for work in (server.serve_forever, lambda: answer(questions)):
    threading.Thread(target=work, daemon=True).start()
print(json.dumps({"endpoint": f"http://127.0.0.1:{server.server_port}"}), flush=True)
# Apart from the answers, so that the end of the input is seen while one of them is waited for.
for line in sys.stdin:
    questions.put(int(line))
