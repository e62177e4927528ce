"""No client: what moerge sends to a receiver of OpenTelemetry, read by OpenTelemetry's own protobuf classes. A
field that they do not know, or a text that is no UTF-8, fails. stage.py starts it; see there."""
import gzip
import json
import os
import pathlib
import queue
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import unknown_fields
from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import servers  # noqa: E402
import suite  # noqa: E402

WAIT = 60  # seconds
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
CONFIG = """
server: {{listen: "127.0.0.1:0"}}
store: "memory:"
telemetry: {{otlp: "{otlp}", service: test-of-otlp, metrics_interval: 1s}}
skills:
  replace: true
  list:
    - {{name: algebra, examples: ["Solve for x: 3x + 4 = 19.", "Factor the polynomial x^2 - 4."]}}
    - {{name: history, examples: ["Who was the first emperor of Rome?", "Which treaty ended the war?"]}}
backends:
  - {{name: echo, base_url: "{echo}/v1"}}
  - {{name: nobody, base_url: "http://127.0.0.1:1/v1", retries: 0}}
experts:
  - {{name: echo, backend: echo, model: echo-1, skills: {{general: 0.5}}}}
  - {{name: absent, backend: nobody, model: m, skills: {{general: 0.5}}}}
"""


def unknown_in(message):
    """Names of the messages in it that hold fields which their classes do not know."""
    found = [message.DESCRIPTOR.name] if len(unknown_fields.UnknownFieldSet(message)) else []
    for _, value in message.ListFields():
        inner = [value] if isinstance(value, Message) else value if hasattr(value, "__iter__") else []
        for one in inner:
            found += unknown_in(one) if isinstance(one, Message) else []
    return found


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kinds = {"/v1/traces": (traces.ExportTraceServiceRequest, traces.ExportTraceServiceResponse),
             "/v1/metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse)}

    def do_POST(self):
        request, response = self.kinds[self.path]
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        assert self.headers["content-type"] == "application/x-protobuf", self.headers["content-type"]
        self.server.got.put(request.FromString(body))
        reply = response().SerializeToString()
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


class Otlp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        cls.receiver.got = queue.Queue()
        threading.Thread(target=cls.receiver.serve_forever, daemon=True).start()
        cls.folder = tempfile.TemporaryDirectory()
        file = pathlib.Path(cls.folder.name) / "moerge.yaml"
        file.write_text(CONFIG.format(otlp=f"http://127.0.0.1:{cls.receiver.server_port}",
                                      echo=os.environ["ECHO_URL"]))
        cls.moerge = servers.Program([os.environ["MOERGE_BINARY"], "serve", "--config", str(file)], {},
                                     pathlib.Path(cls.folder.name))
        servers.wait_ready(cls.moerge)

    @classmethod
    def tearDownClass(cls):
        code = cls.moerge.stop()
        cls.receiver.shutdown()
        cls.folder.cleanup()
        assert code == 0, cls.moerge.lines[-20:]

    def until(self, find):
        """What `find` makes of the first message that it makes something of."""
        while True:
            message = self.receiver.got.get(timeout=WAIT)
            self.assertEqual(unknown_in(message), [])
            if (found := find(message)):
                return found

    def trace_in(self, message, name):
        """The message's spans by their names, if one has this name."""
        if not isinstance(message, traces.ExportTraceServiceRequest):
            return None
        self.assertEqual(len(message.resource_spans), 1)
        resource = {one.key: one.value.string_value for one in message.resource_spans[0].resource.attributes}
        self.assertEqual(resource["service.name"], "test-of-otlp")
        self.assertEqual(message.resource_spans[0].scope_spans[0].scope.name, "moerge")
        found = {span.name: span for span in message.resource_spans[0].scope_spans[0].spans}
        return found if name in found else None

    def chat(self, model):
        body = {"model": model, "messages": [{"role": "user", "content": "What is it?"}]}
        status, _ = servers.call(self.moerge.url + "/v1/chat/completions", body=json.dumps(body).encode(),
                                 headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
        return status

    def test_a_request_is_a_trace_of_its_decision_and_its_call(self):
        self.assertEqual(self.chat("echo"), 200)
        by_name = self.until(lambda message: self.trace_in(message, "chat echo"))
        spans = by_name.values()
        request, call = by_name["chat echo"], by_name["chat echo-1"]
        self.assertEqual({span.trace_id.hex() for span in spans}, {TRACE})
        self.assertEqual(request.parent_span_id.hex(), PARENT)
        self.assertEqual(call.parent_span_id, request.span_id)
        self.assertEqual([request.kind, call.kind], [Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT])
        self.assertLessEqual(request.start_time_unix_nano, call.start_time_unix_nano)
        self.assertGreaterEqual(request.end_time_unix_nano, call.end_time_unix_nano)
        values = {one.key: one.value for one in request.attributes}
        self.assertEqual(values["gen_ai.operation.name"].string_value, "chat")
        self.assertEqual(values["http.response.status_code"].int_value, 200)
        self.assertEqual(values["moerge.cost_usd"].WhichOneof("value"), "double_value")
        self.assertEqual(request.status.code, Status.STATUS_CODE_UNSET)

    def test_a_failure_has_its_status_and_why(self):
        self.assertGreaterEqual(self.chat("absent"), 500)
        request = self.until(lambda message: self.trace_in(message, "chat absent"))["chat absent"]
        self.assertEqual(request.status.code, Status.STATUS_CODE_ERROR)
        self.assertTrue(request.status.message)

    def test_metrics_of_every_kind_arrive(self):
        wanted = {"moerge_requests_total": "sum", "moerge_request_seconds": "histogram",
                  "moerge_http_connections": "gauge"}

        def find(message):
            if not isinstance(message, metrics.ExportMetricsServiceRequest):
                return None
            found = {one.name: one for one in message.resource_metrics[0].scope_metrics[0].metrics}
            return found if wanted.keys() <= found.keys() else None

        self.chat("echo")
        found = self.until(find)
        for name, kind in wanted.items():
            self.assertEqual(found[name].WhichOneof("data"), kind)
        self.assertTrue(found["moerge_requests_total"].sum.is_monotonic)
        point = found["moerge_request_seconds"].histogram.data_points[0]
        self.assertEqual(len(point.bucket_counts), len(point.explicit_bounds) + 1)
        self.assertEqual(sum(point.bucket_counts), point.count)


if __name__ == "__main__":
    suite.run("__main__")
