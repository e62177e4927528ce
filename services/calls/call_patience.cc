// How long a call may wait for something of an answer that another expert could give meanwhile.
#include <algorithm>
#include <chrono>

#include "services/calls/expert_caller.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;

// A try that is not the last resort may take this share of what is left, or what its answers take
// and half as much again, until there is something of an answer.
constexpr double kShare = 0.5;
constexpr double kMargin = 1.5;
constexpr double kMostShare = 0.8;  // what needs more gets all

// Of the time that a backend has been avoided for, where nothing else says how long it may take.
constexpr double kTrialShare = 1.0 / 16;

}  // namespace

std::chrono::milliseconds ExpertCaller::PatienceOf(const ExpertCall& call) const {
  using std::chrono::milliseconds;
  const bool alone = call.last_resort || call.purpose != CallPurpose::kAnswer;
  if (alone) return milliseconds(0);
  const double usual = static_cast<double>(parts_.gates.MeasuredLatency(call.expert->id).high_ms);
  const double trial = TrialMs(call, usual);
  if (call.deadline.never()) return milliseconds(static_cast<std::int64_t>(trial));
  const double left = Milliseconds(call.deadline.Left());
  double share = std::max(kShare * left, kMargin * usual);
  if (share > kMostShare * left) share = 0;
  if (trial > 0 && (share == 0 || trial < share)) share = trial;
  return milliseconds(share > 0 ? std::max<std::int64_t>(static_cast<std::int64_t>(share), 1) : 0);
}

// How long a trial of a backend or model that is avoided may wait for something of an answer, which
// others could give meanwhile; 0: it is not avoided. What is usual is not known of one that never
// answered, so that one that no client waits for gets the more time the longer it has been avoided.
double ExpertCaller::TrialMs(const ExpertCall& call, double usual) const {
  const Gate& gate = parts_.gates.For(call.expert->backend->name);
  if (!gate.Open(call.expert->spec.model)) return 0;
  const Gate::Avoidance avoidance = gate.ConditionOf(call.expert->spec.model);
  const double grown = call.is_trial ? Milliseconds(avoidance.for_seconds) * kTrialShare : 0;
  return std::max(Milliseconds(parts_.rules.silence), usual > 0 ? kTimesUsual * usual : grown);
}

// Before a call that another expert may have.
void ExpertCaller::SuspectIfStuck(const ExpertCall& call) {
  const auto silent = silent_.find(call.expert->backend->name);
  if (call.last_resort || silent == silent_.end()) return;
  const double usual = static_cast<double>(parts_.gates.MeasuredLatency(call.expert->id).high_ms);
  const std::chrono::duration<double, std::milli> several(kTimesUsual * usual);
  const Clock::duration limit =
      usual > 0
          ? std::max(parts_.rules.silence, std::chrono::duration_cast<Clock::duration>(several))
          : parts_.rules.unmeasured_silence;
  constexpr std::string_view kReason =
      "many calls wait, and none has had a byte of an answer for long";
  Gate& gate = parts_.gates.For(call.expert->backend->name);
  const Clock::time_point now = Clock::now();
  if (silent->second.Stuck(call.expert->spec.model, limit, now)) {
    gate.Suspect(ModelOf(*call.expert), kReason);
  }
  if (silent->second.AllStuck(limit, now)) gate.SuspectAll(kReason);
}

}  // namespace moerge
