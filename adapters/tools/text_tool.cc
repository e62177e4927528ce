#include "adapters/tools/text_tool.h"

#include <optional>
#include <utility>
#include <vector>

#include "adapters/tools/request.h"
#include "adapters/tools/text_command.h"
#include "adapters/tools/text_rules.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMaxTextRequest = 65536;

// The last slot is the text; those before it name a unit or a letter and need no certain extent.
std::optional<TextArguments> ReadArguments(const std::vector<Token>& tokens, const Slots& slots) {
  TextArguments arguments;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    TextArgument argument{.text = slots[i]};
    const bool name = i + 1 < slots.size() && slots[i].find(' ') == std::string_view::npos;
    const bool read = !slots[i].empty() && ReadTextArgument(tokens, slots[i], argument);
    if (!read && (!name || slots[i].empty())) return std::nullopt;
    arguments.push_back(argument);
  }
  return arguments;
}

std::optional<ToolReply> Ask(const std::vector<TextRule>& rules, const std::vector<Token>& tokens) {
  std::optional<ToolReply> reply;
  for (const TextRule& rule : rules) {
    const bool matched = rule.pattern.Match(tokens, [&](const Slots& slots) {
      const auto arguments = ReadArguments(tokens, slots);
      if (!arguments || (!rule.words_allowed && !arguments->back().delimited)) return false;
      reply = rule.handler(*arguments);
      return reply.has_value();
    });
    if (matched) return reply;
  }
  return std::nullopt;
}

}  // namespace

std::string_view TextTool::Name() const { return "text-operations"; }

std::string_view TextTool::Description() const {
  return "Exact operations on given text: counting, sorting, case, reversing, base64, hex, URL, "
         "ROT13, Morse, binary, hashes.";
}

ToolReply TextTool::Answer(std::string_view request, const ToolClock&) const {
  const std::string unreadable = Unreadable(request, kMaxTextRequest);
  if (!unreadable.empty()) return Declined(unreadable);
  const std::vector<Token> tokens = ReadTextCommand(WithoutOpening(request));
  if (tokens.empty()) return Declined("it is unclear which text is meant");
  for (const auto* rules : {&CountingRules(), &ShapingRules(), &EncodingRules()}) {
    if (auto reply = Ask(*rules, tokens)) return *std::move(reply);
  }
  return Declined(
      "this is not an operation on text that I understand, or it is unclear which text is meant");
}

}  // namespace moerge::tools
