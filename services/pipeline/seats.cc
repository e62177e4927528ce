#include "services/pipeline/seats.h"

#include <algorithm>
#include <utility>

#include "router/recruit/combination.h"

namespace moerge {
namespace {

bool IsModel(const ExpertEntry* expert) {
  return expert != nullptr && expert->spec.kind != ExpertKind::kTool;
}

}  // namespace

Seats::Seats(const Decision& decision, const Snapshot& snapshot)
    : decision_(decision), snapshot_(snapshot) {}

void Seats::Fill() {
  for (const Seat& seat : decision_.roster) {
    const ExpertEntry* expert = snapshot_.FindExpert(seat.expert);
    if (!IsModel(expert)) continue;
    members_.push_back(
        {.expert = expert, .weight = seat.weight, .expected = ExpectedOf(seat.expert)});
  }
  for (const ExpertId id : decision_.fallbacks) {
    const ExpertEntry* expert = snapshot_.FindExpert(id);
    if (IsModel(expert)) spares_.push_back(expert);
  }
  std::ranges::reverse(spares_);
  if (members_.empty()) Replace();  // a tool alone was recruited
}

bool Seats::AllAsked() const { return std::ranges::all_of(members_, &Member::asked); }

Member& Seats::NextInLine() { return *std::ranges::find(members_, false, &Member::asked); }

std::size_t Seats::PlaceOf(const Member& member) const {
  const auto at =
      std::ranges::find_if(members_, [&member](const Member& each) { return &each == &member; });
  return static_cast<std::size_t>(at - members_.begin());
}

std::vector<Member*> Seats::Replied() {
  std::vector<Member*> replied;
  for (Member& member : members_) {
    if (member.reply) replied.push_back(&member);
  }
  return replied;
}

bool Seats::Has(const ExpertEntry* expert) const {
  return std::ranges::find(members_, expert, &Member::expert) != members_.end();
}

void Seats::Reseat(const std::vector<ExpertId>& order) {
  const std::deque<Member> seated = std::exchange(members_, {});
  spares_.clear();
  for (const ExpertId id : order) {
    const auto seat =
        std::ranges::find(seated, id, [](const Member& member) { return member.expert->id; });
    if (seat != seated.end()) {
      members_.push_back(*seat);
    } else if (const ExpertEntry* expert = snapshot_.FindExpert(id); IsModel(expert)) {
      members_.push_back(MemberOf(*expert));
    }
  }
}

void Seats::Divide(std::size_t seats, const ChatRequest& varied) {
  const std::size_t experts = members_.size();
  for (std::size_t i = experts; i < seats; ++i) members_.push_back(members_[i % experts]);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::size_t of_one = seats / experts + (i % experts < seats % experts ? 1 : 0);
    if (of_one < 2) continue;
    members_[i].request = &varied;
    members_[i].weight /= static_cast<double>(of_one);
  }
}

void Seats::Dismiss(const ExpertEntry* expert) {
  if (members_.size() < 2) return;
  const auto at = std::ranges::find(members_, expert, &Member::expert);
  if (at != members_.end()) members_.erase(at);
}

void Seats::AskAll(const ChatRequest& request) {
  for (Member& member : members_) member.request = &request;
}

void Seats::Replace() {
  if (spares_.empty()) return;
  const ExpertEntry* spare = spares_.back();
  spares_.pop_back();
  members_.push_back(MemberOf(*spare));
}

Member& Seats::Add(const ExpertEntry& expert) {
  return members_.emplace_back(Member{.expert = &expert, .asked = true, .done = true});
}

// Of an expert that was not recruited: the weight of its expected score.
Member Seats::MemberOf(const ExpertEntry& expert) const {
  const double expected = ExpectedOf(expert.id);
  return {.expert = &expert,
          .weight = VoteWeight(static_cast<float>(expected), 0),
          .expected = expected};
}

double Seats::ExpectedOf(ExpertId expert) const {
  const auto known = std::ranges::find(decision_.candidates, expert, &Candidate::expert);
  return known == decision_.candidates.end() ? 0 : known->expected;
}

}  // namespace moerge
