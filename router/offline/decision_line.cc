#include <algorithm>

#include "config/base/json.h"
#include "registry/registry.h"
#include "router/offline/table_router.h"

namespace moerge {
namespace {

double Expected(const Decision& decision, ExpertId expert) {
  for (const Candidate& candidate : decision.candidates) {
    if (candidate.expert == expert) return static_cast<double>(candidate.expected);
  }
  return 0;
}

}  // namespace

std::string DecisionLine(std::string_view id, const Decision& decision) {
  constexpr int kDigits = 4;
  std::string line;
  json::Writer writer(&line);
  writer.BeginObject().Field("id", id).Key("skills").BeginArray();
  for (const SkillProbability& part : decision.demand.skills) {
    writer.BeginObject().Field("name", NameOf(part.skill)).Key("probability");
    writer.Fixed(static_cast<double>(part.probability), kDigits).EndObject();
  }
  writer.EndArray().Key("experts").BeginArray();
  for (const Seat& seat : decision.roster) {
    writer.BeginObject().Field("name", NameOf(seat.expert)).Key("expected");
    writer.Fixed(Expected(decision, seat.expert), kDigits);
    writer.Key("weight").Fixed(static_cast<double>(seat.weight), kDigits).EndObject();
  }
  writer.EndArray().Key("confidence").Fixed(decision.confidence, kDigits).EndObject();
  return line + "\n";
}

}  // namespace moerge
