#include "services/answers/tool_calls.h"

#include <algorithm>
#include <vector>

#include "config/base/hash.h"
#include "config/base/json.h"
#include "config/base/text.h"
#include "services/answers/canonical_json.h"

namespace moerge {
namespace {

constexpr std::size_t kLongest = 256;

std::optional<std::string> Canonical(json::Value function) {
  const auto name = function.Find("name").AsString();
  if (!name) return std::nullopt;
  const std::string arguments(function.Find("arguments").AsString().value_or("{}"));
  return std::string(*name) + "(" + CanonicalJson(arguments).value_or(arguments) + ")";
}

}  // namespace

std::optional<std::string> CanonicalCalls(std::string_view reply) {
  const auto document = json::Document::Parse(reply);
  if (!document) return std::nullopt;
  std::vector<std::string> calls;
  for (const json::Value choice : document->root().Find("choices").children()) {
    const json::Value message = choice.Find("message");
    for (const json::Value call : message.Find("tool_calls").children()) {
      if (auto text = Canonical(call.Find("function"))) calls.push_back(*std::move(text));
    }
    if (auto text = Canonical(message.Find("function_call"))) calls.push_back(*std::move(text));
    break;
  }
  if (calls.empty()) return std::nullopt;
  std::ranges::sort(calls);
  std::string all = Join(calls, " ");
  if (all.size() <= kLongest) return all;
  const std::uint64_t hash = Hash64(all);
  return "calls " + Hex({reinterpret_cast<const char*>(&hash), sizeof hash});
}

}  // namespace moerge
