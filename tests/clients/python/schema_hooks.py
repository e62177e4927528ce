"""For schemathesis: how a body of the one media type that it does not know is written."""
import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()
