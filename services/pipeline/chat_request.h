// One chat request as the pipeline sees it: what the client sent, checked, and what routing reads.
// Made by services/api; a value whose views point into `body`.
#pragma once

#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "router/router.h"
#include "services/verify/verifier.h"

namespace moerge {

// What one request may take, all its calls together; 0: no ceiling. A call that would exceed one is
// not made; answers that turn out longer than the request's max_tokens, or than nothing where it
// has none, may still do so.
struct CallLimits {
  std::int64_t calls = 0;
  std::int64_t tokens = 0;  // of prompts and answers
  double cost_usd = 0;
};

struct ChatRequest {
  std::unique_ptr<ChatBody> body;
  std::string model;   // "auto", "moerge/NAME" or an expert's name
  std::string policy;  // of the `moerge` object; replaces the one that "auto" means
  RouteRequest route;
  std::forward_list<std::string>
      joined_texts;  // turns of several parts, which route.text points to
  bool stream = false;
  bool include_usage = false;  // stream_options
  bool explain = false;        // the reply shall carry the whole decision
  bool ask_signals = true;     // routing may ask the outside first, if the policy wants that
  bool progress = false;       // the stream tells of experts' calls too
  CallLimits limits;
  std::optional<Verifier> verifier;  // what the client says a good answer is
  // Why symbolic experts are not asked: they see the last user turn alone. Empty: they may be.
  std::string_view not_for_tools;
  std::string_view key_name;    // of the caller's API key; empty: open access
  std::string_view session_id;  // the header x-session-id; empty: none
  std::string_view request_id;
  std::string_view traceparent;
};

}  // namespace moerge
