// The spans of one request from the record of what happened to it. Thread-safe.
//
// Names: OpenTelemetry's semantic conventions for generative AI
// (https://github.com/open-telemetry/semantic-conventions-genai), else `moerge.*`.
#pragma once

#include <string_view>

#include "config/base/result.h"
#include "services/pipeline/chat_record.h"
#include "services/telemetry/span_writer.h"
#include "services/telemetry/trace_context.h"

namespace moerge::api {

struct RequestView {
  const TraceContext& trace;
  const ChatRecord& record;
  std::string_view operation = "chat";  // gen_ai.operation.name
  std::string_view model = {};          // as asked for
  std::string_view policy = {};
  std::string_view skill = {};  // most probable
  std::string_view request_id = {};
  std::string_view client = {};  // name of its key; empty: open access
  bool stream = false;
  int status = 0;                // of HTTP
  const Error* error = nullptr;  // what ended it; null: it was answered
};

// The request's, its decision's, and one for each try of an expert, in place of what `out` held.
void WriteSpans(const RequestView& view, ChatRecord::Clock::time_point now, SpanWriter* out);

}  // namespace moerge::api
