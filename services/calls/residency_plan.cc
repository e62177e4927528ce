#include "services/calls/residency_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "services/calls/residency_swap.h"

namespace moerge {
namespace {

using Time = ResidencyPlan::Time;
using Duration = ResidencyPlan::Duration;

constexpr double kRateHalfLife = 60;  // seconds after which a call counts half for the rate
constexpr double kNewShare = 0.3;     // of a new measurement in the usual one

double Seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

Duration FromSeconds(double seconds) {
  constexpr double kYear = 366.0 * 24 * 3600;
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::clamp(seconds, 0.0, kYear)));
}

}  // namespace

void ResidencyPlan::Measure(Duration measured, Duration* usual) {
  measured = std::max(measured, Duration::zero());
  if (*usual == Duration::zero()) {
    *usual = measured;
  } else {
    *usual = FromSeconds(Seconds(*usual) * (1 - kNewShare) + Seconds(measured) * kNewShare);
  }
}

ResidencyPlan::Model& ResidencyPlan::ModelOf(std::string_view name, std::int64_t bytes,
                                             bool sleeps) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    found->second->declared = bytes;
    found->second->sleeps = sleeps;
    return *found->second;
  }
  auto& model = models_.emplace_back(std::make_unique<Model>());
  model->name = name;
  model->declared = bytes;
  model->sleeps = sleeps;
  model->tier = TierUnseen(*model);
  by_name_.emplace(model->name, model.get());
  return *model;
}

const ResidencyPlan::Model* ResidencyPlan::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

ResidencyPlan::Model* ResidencyPlan::Find(std::string_view name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

ResidencyPlan::CallId ResidencyPlan::Arrive(const Arrival& arrival, Time now) {
  Model& model = ModelOf(arrival.model, arrival.bytes, arrival.sleeps);
  const CallId id{next_id_++};
  Call call;
  call.model = &model;
  call.arrived = now;
  call.client = arrival.client;
  call.background = arrival.background;
  calls_.emplace(static_cast<std::uint64_t>(id), call);
  if (!arrival.background) {
    model.rate = Rate(model, now) + std::log(2.0) / kRateHalfLife;
    model.rate_time = now;
    model.last_interactive = now;
  }
  CallQueue& queue = model.queues[call.background];
  if (call.background) {
    model.place = queue.size() == 0 ? arrival.place : std::min(model.place, arrival.place);
  }
  queue.Add(static_cast<std::uint64_t>(id), call.client, now);
  ++waiting_;
  return id;
}

void ResidencyPlan::Ready(CallId id, Time now) {
  const auto found = calls_.find(static_cast<std::uint64_t>(id));
  if (found == calls_.end() || !found->second.running || found->second.ready) return;
  Call& call = found->second;
  Model& model = *call.model;
  call.ready = true;
  if (model.state == State::kLoading) {
    Measure(now - model.since - model.first_sign, &model.load_times[0]);
    Become(&model, State::kLoaded, now);
    model.batch_done = {};
    model.back_off = {};
  } else if (!call.began_load && call.begun >= model.since) {
    Measure(now - call.begun, &model.first_sign);
  }
}

void ResidencyPlan::End(CallId id, Ending ending, Time now) {
  const bool answered = ending == Ending::kAnswered;
  const auto found = calls_.find(static_cast<std::uint64_t>(id));
  if (found == calls_.end()) return;
  if (answered) Ready(id, now);
  const Call call = found->second;
  Model& model = *call.model;
  if (!call.running) {
    model.queues[call.background].Remove(static_cast<std::uint64_t>(id), call.client);
    --waiting_;
    calls_.erase(found);
    return;
  }
  calls_.erase(found);
  --running_;
  --model.running;
  if (!call.background) {
    --model.running_interactive;
    model.last_interactive = now;
  }
  model.last_used = now;
  if (answered && !call.began_load && call.begun >= model.since) {
    Measure(now - call.begun, &model.run_time);
  }
  if (model.state == State::kLoading && call.began_load && ending == Ending::kFailed) {
    ++model.failed_loads;
    LeaveAlone(&model, now);
  }
}

void ResidencyPlan::Become(Model* model, State state, Time now) {
  if (model->state != State::kOut) {
    spells_.push_back(SpellOf(*model));
    spells_.back().ended = now;
    if (spells_.size() > kSpellsKept) spells_.pop_front();
  }
  model->state = state;
  model->since = now;
}

void ResidencyPlan::LeaveAlone(Model* model, Time now) {
  model->back_off = std::clamp(model->back_off * 2, kFirstBackOff, kLongestBackOff);
  model->failed_until = now + model->back_off;
  model->draining = false;
  Become(model, State::kFailed, now);
}

void ResidencyPlan::PutOut(Model* model, Time now) {
  model->draining = false;
  Become(model, State::kOut, now);
}

std::vector<ResidencyPlan::CallId> ResidencyPlan::Next(Time now) {
  std::vector<CallId> going;
  look_ = Time::max();
  EndBackOffs(now);
  EndNeedlessDrains();
  if (rules_.on_order) EvictWhatIsTooMuch(now);
  do {
    Admit(now, &going);
  } while (LoadSomething(now));
  if (rules_.on_order && rules_.prefetch) Prefetch(now);
  return going;
}

void ResidencyPlan::EndBackOffs(Time now) {
  for (const auto& model : models_) {
    if (model->state != State::kFailed) continue;
    if (model->failed_until > now) {
      if (model->waiting() > 0) Look(model->failed_until);
    } else if (model->idle()) {
      Become(model.get(), State::kOut, now);
    }
  }
}

// The calls that others drained for may have left.
void ResidencyPlan::EndNeedlessDrains() {
  for (const auto& model : models_) {
    if (model->state == State::kOut && model->queues[0].size() > 0) return;
  }
  for (const auto& model : models_) model->draining = false;
}

// Of models that are loaded or being loaded, the class first, then the oldest.
void ResidencyPlan::Admit(Time now, std::vector<CallId>* out) {
  for (const int queue_class : {0, 1}) {
    while (running_ < rules_.concurrency) {
      Model* first = nullptr;
      for (const auto& model : models_) {
        if (!Open(*model) || model->queues[queue_class].size() == 0) continue;
        if (first == nullptr ||
            model->queues[queue_class].oldest() < first->queues[queue_class].oldest()) {
          first = model.get();
        }
      }
      if (first == nullptr) break;
      Begin(CallId{first->queues[queue_class].TakeNext()}, now, out);
      --waiting_;
    }
  }
}

bool ResidencyPlan::Open(const Model& model) const {
  return model.resident() && !model.draining && !model.ordered;
}

void ResidencyPlan::Begin(CallId id, Time now, std::vector<CallId>* out) {
  Call& call = calls_.at(static_cast<std::uint64_t>(id));
  call.running = true;
  call.begun = now;
  call.began_load = call.model->state == State::kLoading;
  ++call.model->running;
  if (!call.background) ++call.model->running_interactive;
  call.model->last_used = now;
  ++running_;
  out->push_back(id);
  Model& model = *call.model;
  const bool batch_waits = model.queues[0].size() > 0 && model.queues[0].oldest() <= model.since;
  if (model.batch_done == Time{} && !batch_waits) model.batch_done = now;
}

// Loads one more model, or has others drain for one. False: there is nothing to load at present.
bool ResidencyPlan::LoadSomething(Time now) {
  std::vector<Model*> left_out;
  while (Model* wanted = MostUrgent(now, left_out)) {
    Plan plan;
    if (MakeRoom(*wanted, now, &plan)) {
      Load(wanted, plan, now);
      return true;
    }
    left_out.push_back(wanted);
  }
  return false;
}

// Those whose wait limit has come first, the earliest of them; then the one whose calls have waited
// longest for the time that a load and their work take. Background calls behind all others.
double ResidencyPlan::Urgency(const Model& model, Time now) const {
  const CallQueue& queue = model.queues[0];
  const double cost = Seconds(LoadTime(model) + Work(model)) + 0.001;
  if (queue.size() == 0) return (model.queues[1].size() + 0.0) / cost * 1e-12;
  if (LimitOf(model) <= now) return 1e12 + Seconds(now - LimitOf(model));
  return (queue.Waited(now) + 0.001 * queue.size()) / cost;
}

ResidencyPlan::Model* ResidencyPlan::MostUrgent(Time now,
                                                const std::vector<Model*>& left_out) const {
  Model* best = nullptr;
  double best_urgency = 0;
  for (const auto& model : models_) {
    if (model->state != State::kOut || model->queues[0].size() == 0) continue;
    if (std::ranges::find(left_out, model.get()) != left_out.end()) continue;
    const double urgency = Urgency(*model, now);
    if (best == nullptr || urgency > best_urgency) {
      best = model.get();
      best_urgency = urgency;
    }
  }
  return best == nullptr ? BestInBackground(now, left_out) : best;
}

// What takes room. A model that failed to load may still have calls on it.
ResidencyPlan::Use ResidencyPlan::InUse() const {
  Use use;
  for (const auto& model : models_) {
    if (!model->resident() && model->idle()) continue;
    ++use.slots;
    use.bytes += model->bytes();
  }
  return use;
}

bool ResidencyPlan::Fits(const Model& wanted, int freed_slots, std::int64_t freed_bytes) const {
  const auto [slots, bytes] = InUse();
  return slots - freed_slots < rules_.slots &&
         (rules_.memory == 0 || bytes - freed_bytes + wanted.bytes() <= rules_.memory ||
          slots == freed_slots);
}

// Loaded models, that which is missed least first: nothing waits for it, then it is asked for
// seldom and loaded again soon.
std::vector<ResidencyPlan::Model*> ResidencyPlan::ByWorth(Time now) const {
  std::vector<Model*> order;
  for (const auto& model : models_) {
    if (model->resident()) order.push_back(model.get());
  }
  const auto later = [&](const Model* a, const Model* b) {
    if ((a->waiting() == 0) != (b->waiting() == 0)) return a->waiting() == 0;
    const double worth_a = Worth(*a, now);
    const double worth_b = Worth(*b, now);
    return worth_a != worth_b ? worth_a < worth_b : a->last_used < b->last_used;
  };
  std::ranges::stable_sort(order, later);
  return order;
}

// Room for `wanted`: what is to be evicted at once, into `plan`. False: there is none yet; whatever
// has to drain for it drains from now on.
bool ResidencyPlan::MakeRoom(Model& wanted, Time now, Plan* plan) {
  int slots = 0;
  std::int64_t bytes = 0;
  if (Fits(wanted, slots, bytes)) return true;
  const std::vector<Model*> order = ByWorth(now);
  plan->cause = Cause::kIdle;
  for (Model* model : order) {
    const bool drained = model->idle() && model->draining;
    if (!drained && !(model->idle() && MayEvictIdle(*model, wanted, now))) continue;
    if (drained) plan->cause = model->drain_cause;
    plan->evicted.push_back(model);
    ++slots;
    bytes += model->bytes();
    if (!Fits(wanted, slots, bytes)) continue;
    KeepWhatFits(wanted, slots, bytes, &plan->evicted);
    return true;
  }
  plan->evicted.clear();
  Drain(wanted, order, now);
  return false;
}

// A small model may have been chosen before a large one that makes enough room alone.
void ResidencyPlan::KeepWhatFits(const Model& wanted, int slots, std::int64_t bytes,
                                 std::vector<Model*>* evicted) const {
  const auto stays = [&](const Model* model) {
    if (!Fits(wanted, slots - 1, bytes - model->bytes())) return false;
    --slots;
    bytes -= model->bytes();
    return true;
  };
  std::erase_if(*evicted, stays);
}

// Has what is least needed drain for `wanted`, if that makes enough room. One that may not drain
// yet is waited for, rather than one that is needed more.
void ResidencyPlan::Drain(Model& wanted, const std::vector<Model*>& order, Time now) {
  std::vector<Model*> drained;
  Cause cause = Cause::kPays;
  int slots = 0;
  std::int64_t bytes = 0;
  for (Model* model : order) {
    const bool leaves = model->draining || (model->idle() && MayEvictIdle(*model, wanted, now));
    if (!leaves) {
      if (!MayDrain(*model, wanted, now, &cause)) return;
      drained.push_back(model);
    }
    ++slots;
    bytes += model->bytes();
    if (!Fits(wanted, slots, bytes)) continue;
    for (Model* each : drained) {
      each->draining = true;
      each->drain_cause = cause;
    }
    return;
  }
}

// An idle model makes room at once for an interactive call. Background work leaves it for as long
// after its last interactive call as it takes to load it again.
bool ResidencyPlan::MayEvictIdle(const Model& victim, const Model& wanted, Time now) {
  if (victim.queues[0].size() > 0) return false;
  if (wanted.queues[0].size() > 0) return true;
  if (victim.waiting() > 0) return false;
  if (victim.last_interactive == Time{}) return true;
  const Time free = victim.last_interactive + LoadTime(victim);
  if (free <= now) return true;
  Look(free);
  return false;
}

// One that calls wait for serves those that came before it was loaded, and then as long again.
bool ResidencyPlan::MayDrain(const Model& victim, const Model& wanted, Time now, Cause* cause) {
  const CallQueue& queue = wanted.queues[0];
  if (queue.size() == 0) return false;
  if (victim.state == State::kLoading && victim.interactive()) return false;
  const bool wanted_too = victim.queues[0].size() > 0;
  Time limit = LimitOf(wanted) - victim.run_time;
  if (wanted_too) {
    if (victim.batch_done == Time{}) return false;
    limit = std::max(
        limit, victim.since + std::max(rules_.max_wait, 2 * (victim.batch_done - victim.since)));
  }
  if (limit <= now) {
    *cause = Cause::kWaitLimit;
    return true;
  }
  Look(limit);
  if (wanted_too) return false;
  // What a swap there and back makes those wait that come for the victim meanwhile.
  const double away = Seconds(LoadTime(wanted) + Work(wanted) + LoadTime(victim));
  const double price = Rate(victim, now) * away * away / 2;
  const double waited = queue.Waited(now);
  if (waited >= price) {
    *cause = Cause::kPays;
    return true;
  }
  Look(now + FromSeconds((price - waited) / queue.size()));
  return false;
}

void ResidencyPlan::Load(Model* model, const Plan& plan, Time now) {
  const Time oldest = std::min({model->queues[0].oldest(), model->queues[1].oldest(), now});
  last_swap_ = Swap{.loaded = model->name,
                    .evicted = {},
                    .cause = plan.cause,
                    .waiting = model->waiting(),
                    .oldest = now - oldest,
                    .when = now,
                    .from = model->tier};
  for (const Model* evicted : plan.evicted) last_swap_.evicted.push_back(evicted->name);
  model->ordered = rules_.on_order;
  Order order;
  order.load = model->name;
  order.from = model->tier;
  Become(model, State::kLoading, now);
  SendAway(plan.evicted, model, now, &order);
  if (model->ordered) orders_.push_back(std::move(order));
  if (plan.evicted.empty()) {
    if (plan.cause != Cause::kPrefetch) last_swap_.cause = Cause::kRoom;
  } else {
    ++swaps_;
  }
  const bool ordered = model->queues[1].size() > 0 && model->place != ServingOrder::kNoPlace;
  if (ordered && model->queues[0].size() == 0) last_place_ = model->place;
  model->load = last_swap_;
  model->batch_done = {};
  ++model->loads;
  ++loads_;
}

// What all that waits for the model takes once it is loaded.
Duration ResidencyPlan::Work(const Model& model) const {
  const int rounds = (model.waiting() + rules_.concurrency - 1) / std::max(rules_.concurrency, 1);
  return rounds * model.run_time;
}

// When its oldest call has to begin its load. Background calls have no limit.
Time ResidencyPlan::LimitOf(const Model& model) const {
  if (model.queues[0].size() == 0) return Time::max();
  return model.queues[0].oldest() + std::max(rules_.max_wait - LoadTime(model), Duration::zero());
}

double ResidencyPlan::Rate(const Model& model, Time now) const {
  if (model.rate == 0) return 0;
  return model.rate * std::exp2(-Seconds(now - model.rate_time) / kRateHalfLife);
}

void ResidencyPlan::Look(Time when) { look_ = std::min(look_, when); }

}  // namespace moerge
