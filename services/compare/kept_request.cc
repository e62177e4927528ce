#include "services/compare/kept_request.h"

#include <charconv>
#include <utility>
#include <vector>

namespace moerge {
namespace {

constexpr std::string_view kNoPolicy = "direct";

std::vector<std::string> NamesIn(json::Value array) {
  std::vector<std::string> names;
  for (const json::Value element : array.children()) {
    names.emplace_back(element.AsString().value_or(std::string_view()));
  }
  return names;
}

std::uint64_t SeedOf(std::string_view digits) {
  std::uint64_t seed = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), seed);
  return seed;
}

}  // namespace

Result<KeptRequestPtr> KeptRequest::Read(std::string json) {
  const auto kept = std::make_shared<const std::string>(std::move(json));
  auto document = json::Document::Parse(*kept);
  if (!document) return Error{ErrorCode::kInternal, "the kept decision cannot be read"};
  if (!document->root().Find("request").Find("user")) {
    return Error{ErrorCode::kConflict,
                 "the decision was kept without its text, which a replay needs; "
                 "`store: {decisions: {keep_text: true}}` keeps it"};
  }
  return KeptRequestPtr(new KeptRequest(kept, *std::move(document)));
}

// A request whose model is "auto" is routed by a policy, whatever that is called.
std::string_view KeptRequest::policy() const {
  const std::string_view policy = Text("policy");
  return policy == kNoPolicy && model() != "auto" ? std::string_view() : policy;
}

RouteRequest KeptRequest::route() const {
  const json::Value request = decision().Find("request");
  RouteRequest route;
  route.text.user = StringAt(request, "user");
  route.text.system = StringAt(request, "system");
  for (const json::Value turn : request.Find("earlier").children()) {
    route.text.earlier.push_back(turn.AsString().value_or(std::string_view()));
  }
  route.prompt_tokens = request.Find("prompt_tokens").AsInt().value_or(0);
  route.max_tokens = request.Find("max_tokens").AsInt().value_or(0);
  route.needs_functions = request.Find("needs_functions").AsBool().value_or(false);
  route.needs_vision = request.Find("needs_vision").AsBool().value_or(false);
  route.skills = NamesIn(request.Find("skills"));
  route.experts = NamesIn(request.Find("experts"));
  route.max_latency_ms = request.Find("max_latency_ms").AsDouble().value_or(0);
  route.max_cost_usd = request.Find("max_cost_usd").AsDouble().value_or(0);
  route.seed = SeedOf(StringAt(request, "seed"));
  return route;
}

}  // namespace moerge
