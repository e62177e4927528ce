// How long a call is going to wait for its model, roughly: its turn, its load, and a place.
#include <algorithm>
#include <cmath>
#include <functional>

#include "services/calls/residency_plan.h"

namespace moerge {
namespace {

double WaitSeconds(ResidencyPlan::Duration time) {
  return std::chrono::duration<double>(time).count();
}

ResidencyPlan::Duration WaitOf(double seconds) {
  return std::chrono::duration_cast<ResidencyPlan::Duration>(
      std::chrono::duration<double>(std::min(seconds, 1e7)));
}

// How much more of its time a queue of so many places is busy than idle, at so many calls in
// service on average (M/M/c).
double BusyToIdle(double in_service, double places) {
  double term = 1;
  double sum = 0;
  for (double n = 1; n < places; ++n) {
    term *= in_service / n;
    sum += term;
    if (n > in_service && term < 1e-9 * sum) return sum;
  }
  if (in_service >= places) return HUGE_VAL;
  return sum + term * in_service / places * places / (places - in_service);
}

}  // namespace

// Everything below is in seconds from `now`.
struct ResidencyPlan::Forecast {
  Forecast(const ResidencyPlan& of, Time at);

  const ResidencyPlan& plan;
  const Time now;
  const double places;   // of all models
  const double share;    // of a loaded model's
  double usual_run = 0;  // of the models with a measurement

  double RunTime(const Model& model) const {
    return model.run_time > Duration::zero() ? WaitSeconds(model.run_time) : usual_run;
  }
  double WorkOf(const Model& model, double calls) const;
  double BusyFor(const Model& model, double work) const;
  bool NeverIdle(const Model& model) const {
    return plan.Rate(model, now) * RunTime(model) >= share;
  }
  // Of one that is never idle and served what waited for it in so long.
  double LeastStay(double batch) const {
    return std::max(WaitSeconds(plan.rules_.max_wait), 2 * batch);
  }
  double FirstLimit() const;
  double StayOf(const Model& holder) const;
  double TurnOf(const Model& model, double start) const;
  double UntilPlace(const Model& model, int ahead) const;
  double UntilLoaded(const Model& model) const;
};

ResidencyPlan::Forecast::Forecast(const ResidencyPlan& of, Time at)
    : plan(of),
      now(at),
      places(std::max(of.rules_.concurrency, 1)),
      share(std::max(places / std::max(of.InUse().slots, 1), 1.0)) {
  int measured = 0;
  for (const auto& model : plan.models_) {
    if (model->run_time == Duration::zero()) continue;
    usual_run += WaitSeconds(model->run_time);
    ++measured;
  }
  if (measured > 0) usual_run /= measured;
}

double ResidencyPlan::Forecast::WorkOf(const Model& model, double calls) const {
  return calls <= 0 ? 0 : RunTime(model) * std::max(calls / share, 1.0);
}

// How long it is busy that has so much to do, as more calls come meanwhile.
double ResidencyPlan::Forecast::BusyFor(const Model& model, double work) const {
  const double run = RunTime(model);
  const double rate = plan.Rate(model, now);
  if (work <= 0 || rate * run < 1e-6) return work;
  return work + BusyToIdle(rate * run, share) / rate - run;
}

// When a model that is not loaded may first have one that is busy drain for it; of a call that
// comes now if none waits.
double ResidencyPlan::Forecast::FirstLimit() const {
  Time first = now + plan.rules_.max_wait;
  for (const auto& model : plan.models_) {
    if (model->state == State::kOut) first = std::min(first, plan.LimitOf(*model));
  }
  return std::max(WaitSeconds(first - now), 0.0);
}

// How long a model that is loaded, or being loaded, stays if others wait for its room: until it is
// idle, or may drain (ResidencyPlan::MayDrain).
double ResidencyPlan::Forecast::StayOf(const Model& holder) const {
  const double run = holder.running > 0 ? RunTime(holder) : 0;
  if (!holder.resident() || holder.draining) return run;
  double load = 0;
  if (holder.state == State::kLoading) {
    load = std::max(WaitSeconds(holder.since + plan.LoadTime(holder) - now), 0.0);
  }
  const double work = std::max(run, WorkOf(holder, holder.queues[0].size()));
  double limit = FirstLimit();
  if (holder.queues[0].size() > 0) {
    const double stayed = WaitSeconds(now - holder.since);
    const bool served = holder.batch_done != Time{};
    const double batch = served ? WaitSeconds(holder.batch_done - holder.since) : stayed + work;
    limit = std::max(limit, NeverIdle(holder) ? LeastStay(batch) - stayed : work);
  }
  return load + std::min(BusyFor(holder, work), limit + run);
}

// How long a model that waits takes its place, from its load on.
double ResidencyPlan::Forecast::TurnOf(const Model& model, double start) const {
  const double load = WaitSeconds(plan.LoadTime(model));
  const double calls = model.queues[0].size() + plan.Rate(model, now) * (start + load);
  const double work = WorkOf(model, calls);
  const double left = WaitSeconds(plan.rules_.max_wait) - load - start;  // of the next one's limit
  const double limit = NeverIdle(model) ? LeastStay(work) : std::max(work, left);
  return load + std::min(BusyFor(model, work), limit + RunTime(model));
}

// Of a loaded model's call that so many of its calls come before.
double ResidencyPlan::Forecast::UntilPlace(const Model& model, int ahead) const {
  double before = ahead;
  for (const auto& other : plan.models_) {
    if (other.get() != &model && plan.Open(*other)) before += other->queues[0].size();
  }
  const double free = places - plan.running_;
  return before < free ? 0 : (before + 1) * RunTime(model) / places;
}

// Models that wait for room take it one after the other, each as soon as one of those that are
// loaded leaves.
double ResidencyPlan::Forecast::UntilLoaded(const Model& model) const {
  const double load = WaitSeconds(plan.LoadTime(model));
  if (plan.Fits(model, 0, 0)) return load;
  std::vector<double> free;
  for (const auto& other : plan.models_) {
    if (other->resident() || !other->idle()) free.push_back(StayOf(*other));
  }
  const double urgency = model.queues[0].size() == 0 ? -1 : plan.Urgency(model, now);
  std::ranges::make_heap(free, std::greater<>());
  for (const auto& other : plan.models_) {
    const bool waits = other->state == State::kOut && other->queues[0].size() > 0;
    if (!waits || other.get() == &model || plan.Urgency(*other, now) < urgency) continue;
    std::ranges::pop_heap(free, std::greater<>());
    free.back() += TurnOf(*other, free.back());
    std::ranges::push_heap(free, std::greater<>());
  }
  return free.front() + load;
}

ResidencyPlan::Duration ResidencyPlan::ExpectedWait(std::string_view name, Time now,
                                                    std::optional<int> ahead) const {
  static const Model kNeverAskedFor;
  const Model* const found = Find(name);
  const Model* const model = found == nullptr ? &kNeverAskedFor : found;
  const Forecast forecast(*this, now);
  const int before = ahead.value_or(model->queues[0].size());
  if (Open(*model) && model->state == State::kLoaded) {
    return WaitOf(forecast.UntilPlace(*model, before));
  }
  double wait = 0;
  if (model->state == State::kLoading) {
    wait = std::max(WaitSeconds(model->since + LoadTime(*model) - now), 0.0);
  } else {
    const double failed = WaitSeconds(std::max(model->failed_until, now) - now);
    wait = std::max(forecast.UntilLoaded(*model), failed + WaitSeconds(LoadTime(*model)));
  }
  const double rounds = before + model->running + 1 - forecast.places;
  return WaitOf(wait + std::max(rounds, 0.0) * forecast.RunTime(*model) / forecast.places);
}

ResidencyPlan::Duration ResidencyPlan::LeastWait(std::string_view name, Time now) const {
  const Model* model = Find(name);
  if (model == nullptr || model->state == State::kLoaded) return Duration::zero();
  const Duration load = model->load_times[model->tier == Tier::kHost];
  return model->state == State::kLoading ? std::max(model->since + load - now, Duration::zero())
                                         : load;
}

}  // namespace moerge
