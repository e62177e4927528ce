#include "services/jobs/assigned_lines.h"

#include <algorithm>
#include <cmath>

namespace moerge {

void AssignedLines::Add(const SpreadRequest& request, BatchAssign by) {
  using How = AssignedExperts::How;
  if (request.experts.empty()) return;
  ++requests;
  rerouted += request.rerouted() ? 1 : 0;
  found_room += request.how == How::kRoom ? 1 : 0;
  over_capacity += request.how == How::kOver ? 1 : 0;
  lost += request.lost;
  if (by != BatchAssign::kExpertChoice) return;
  picked_by.resize(std::max(picked_by.size(), request.picked_by + 1));
  ++picked_by[request.picked_by];
}

void WriteAssigned(const AssignedLines& lines, json::Writer& writer) {
  if (lines.requests == 0) {
    writer.Null();
    return;
  }
  const double mean = lines.lost / static_cast<double>(lines.requests);
  writer.BeginObject().Field("requests", lines.requests).Field("rerouted", lines.rerouted);
  writer.Field("found_room", lines.found_room).Field("over_capacity", lines.over_capacity);
  writer.Field("score_lost", std::round(mean * 1e6) / 1e6).Key("picked_by").BeginArray();
  for (const std::int64_t count : lines.picked_by) writer.Int(count);
  writer.EndArray().EndObject();
}

AssignedLines ReadAssigned(json::Value value) {
  const auto number = [&](std::string_view key) { return value.Find(key).AsInt().value_or(0); };
  AssignedLines lines;
  lines.requests = number("requests");
  lines.rerouted = number("rerouted");
  lines.found_room = number("found_room");
  lines.over_capacity = number("over_capacity");
  const double mean = value.Find("score_lost").AsDouble().value_or(0);
  lines.lost = mean * static_cast<double>(lines.requests);
  for (const json::Value count : value.Find("picked_by").children()) {
    lines.picked_by.push_back(count.AsInt().value_or(0));
  }
  return lines;
}

}  // namespace moerge
