#include "services/compare/impact.h"

#include <algorithm>

namespace moerge {
namespace {

void Count(const Outlook& outlook, Impact::Sums* sums) {
  sums->expected += outlook.expected;
  sums->cost_usd += outlook.cost_usd;
  sums->no_expert += outlook.expert.empty();
}

}  // namespace

void Impact::Note(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) {
    // What was read of a long text says nothing of a policy.
    if (note.find("not trained") == note.npos) continue;
    if (notes_.size() < kNotes && std::ranges::find(notes_, note) == notes_.end()) {
      notes_.push_back(note);
    }
  }
}

void Impact::Add(const KeptRequest& request, Outlook before, Outlook after) {
  const bool moved = before.expert != after.expert;
  ++compared_;
  changed_ += moved;
  Count(before, &before_);
  Count(after, &after_);
  if (before.latency_ms > 0 && after.latency_ms > 0) {
    ++timed_;
    before_.latency_ms += before.latency_ms;
    after_.latency_ms += after.latency_ms;
  }
  BySkill& skill = skills_[before.skill];
  ++skill.compared;
  skill.changed += moved;
  Note(before.notes);
  Note(after.notes);
  if (!moved) return;
  ++moves_[{before.expert, after.expert}];
  if (examples_.size() == kExamples) return;
  examples_.push_back({std::string(request.id()), std::string(request.time()), std::move(before),
                       std::move(after)});
}

std::vector<std::pair<Impact::Move, std::int64_t>> Impact::moves() const {
  std::vector<std::pair<Move, std::int64_t>> list(moves_.begin(), moves_.end());
  std::ranges::stable_sort(list, std::ranges::greater(), &std::pair<Move, std::int64_t>::second);
  return list;
}

}  // namespace moerge
