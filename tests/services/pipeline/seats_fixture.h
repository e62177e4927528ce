// A round's seats without calls: experts "a" to "e" and the tool "calc", of which a test says who
// was recruited.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/pipeline/seats.h"
#include "tests/services/pipeline/pipeline_fixture.h"

namespace moerge::test {

struct SeatsFixture {
  SeatsFixture() {
    Backend backend;
    backend.name = "gpu";
    backend.base_url = "http://127.0.0.1:1/v1";
    DeclaredState state;
    state.backends = {backend};
    for (const char* name : {"a", "b", "c", "d", "e"}) state.experts.push_back(LlmExpert(name));
    state.experts.push_back(ToolExpert("calc", "arithmetic"));
    snapshot = *BuildSnapshot(state, {});
  }

  // The roster in this order, weighing 1, 2, 3 ...; `expected` becomes the candidates.
  void Recruit(const std::vector<std::string>& roster,
               const std::vector<std::string>& fallbacks = {},
               const std::map<std::string, float>& expected = {}) {
    for (const std::string& name : roster) {
      const auto weight = static_cast<float>(record.decision.roster.size() + 1);
      record.decision.roster.push_back({InternExpert(name), weight});
    }
    for (const std::string& name : fallbacks) {
      record.decision.fallbacks.push_back(InternExpert(name));
    }
    for (const auto& [name, score] : expected) {
      record.decision.candidates.push_back({.expert = InternExpert(name), .expected = score});
    }
    seats.emplace(record.decision, *snapshot);
    seats->Fill();
  }

  const ExpertEntry* Expert(const std::string& name) const { return snapshot->FindExpert(name); }
  Member& Seated(const std::string& name) {
    return *std::ranges::find(seats->all(), Expert(name), &Member::expert);
  }

  // "a b", in the order of the seats.
  std::string Seating() const {
    std::string text;
    for (const Member& member : seats->all()) {
      text += (text.empty() ? "" : " ") + member.expert->spec.name;
    }
    return text;
  }

  SnapshotPtr snapshot;
  ChatRecord record;
  std::optional<Seats> seats;
};

}  // namespace moerge::test
