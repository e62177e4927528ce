// Finds one whole HTTP/1.1 request in a buffer and what the benchmark upstream must know about it.
// Trusts its clients, which are the proxies under test: this is no general HTTP parser.
#pragma once

#include <cstdlib>
#include <optional>
#include <string_view>

#include <strings.h>

namespace moerge::bench {

struct Request {
  size_t size = 0;      // bytes of head and body
  bool chat = false;    // POST; anything else asks for the list of models
  bool stream = false;  // the body says "stream": true
};

inline bool StartsWithName(std::string_view line, std::string_view name) {
  return line.size() >= name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0;
}

inline size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  for (size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2);
    if (StartsWithName(line, kName)) return std::strtoul(line.data() + kName.size(), nullptr, 10);
  }
  return 0;
}

inline bool AsksForStream(std::string_view body) {
  const size_t at = body.find("\"stream\":");
  if (at == body.npos) return false;
  const size_t value = body.find_first_not_of(" \t\r\n", at + 9);
  return value != body.npos && body.substr(value, 4) == "true";
}

// Null while the request is not there as a whole.
inline std::optional<Request> FindRequest(std::string_view input) {
  const size_t end = input.find("\r\n\r\n");
  if (end == input.npos) return std::nullopt;
  Request request;
  request.size = end + 4 + ContentLength(input.substr(0, end + 2));
  if (input.size() < request.size) return std::nullopt;
  request.chat = input.substr(0, 5) == "POST ";
  request.stream = request.chat && AsksForStream(input.substr(end + 4, request.size - end - 4));
  return request;
}

}  // namespace moerge::bench
