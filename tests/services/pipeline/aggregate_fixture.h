// A policy with an aggregate, three experts of nearly equal weight and one behind them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "tests/services/pipeline/pipeline_fixture.h"

namespace moerge::test {

struct AggregateFixture : PipelineFixture {
  explicit AggregateFixture(const std::string& aggregate) {
    state.experts = {LlmExpert("one"), LlmExpert("two"), LlmExpert("three"), LlmExpert("four")};
    Policy policy;
    policy.name = "auto";
    policy.aggregate = aggregate;
    state.policies = {policy};
    router().roster = {"one", "two", "three"};
    router().weights = {1.2f, 1.1f, 1.0f};
    router().expected = {{"one", 0.6f}, {"two", 0.55f}, {"three", 0.5f}, {"four", 0.7f}};
  }

  void Option(const std::string& name, const std::string& value) {
    state.policies.front().options.Set(name, value);
    Restate();
  }

  Result<ChatReply> AskPrime(ClientStream* stream = nullptr) {
    return Ask(Request("Which is a prime?\nA. 4\nB. 7\nC. 9"), stream);
  }

  // "one:answer:A two:answer:B! four:verdict:", in order.
  std::string Told() const {
    std::string text;
    for (const Contribution& each : record.contributions) {
      if (!text.empty()) text += " ";
      text.append(NameOf(each.expert)).append(":").append(each.role);
      text.append(":").append(each.answer).append(each.won ? "!" : "");
    }
    return text;
  }
  std::string Asked() const {
    std::string text;
    for (const std::string& name : script->asked) text += (text.empty() ? "" : " ") + name;
    return text;
  }
  bool Noted(std::string_view part) const {
    return std::ranges::any_of(
        record.notes, [part](const std::string& note) { return note.find(part) != note.npos; });
  }
  const std::string& LastBody() const { return script->bodies.back(); }
};

inline bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace moerge::test
