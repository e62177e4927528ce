#include "services/watch/success_watch.h"

#include <map>
#include <mutex>
#include <utility>

#include "config/base/log.h"

namespace moerge {
namespace {

Alarm AlarmOf(const ExpertFall& fall) {
  return {.kind = "expert",
          .name = fall.expert,
          .measure = "feedback",
          .before = fall.before.mean(),
          .after = fall.after.mean(),
          .before_count = fall.before.count,
          .after_count = fall.after.count,
          .p = fall.p,
          .since = fall.since};
}

void AppendAlarm(const Policy& candidate, std::string measure, const ScoreSample& stable,
                 const ScoreSample& on_trial, std::vector<Alarm>* alarms) {
  const MeanComparison comparison = CompareMeans(stable, on_trial);
  if (comparison.p >= kFallLevel) return;
  alarms->push_back({.kind = "policy",
                     .name = candidate.trial->of,
                     .measure = std::move(measure),
                     .before = stable.mean(),
                     .after = on_trial.mean(),
                     .before_count = stable.count,
                     .after_count = on_trial.count,
                     .p = comparison.p,
                     .since = candidate.trial->since.value_or(WallTime())});
}

std::string KeyOf(const Alarm& alarm) {
  return alarm.kind + " " + alarm.name + " " + alarm.measure;
}

void LogRaised(const Alarm& alarm) {
  LogWarning("measured success has fallen", {{"kind", alarm.kind},
                                             {"name", alarm.name},
                                             {"measure", alarm.measure},
                                             {"before", alarm.before},
                                             {"now", alarm.after},
                                             {"of", alarm.after_count},
                                             {"p", alarm.p}});
}

}  // namespace

Result<TrialFigures> ReadTrial(DecisionQueries& decisions, const Policy& candidate,
                               const Judgements& judgements) {
  const WallTime since = candidate.trial->since.value_or(WallTime());
  Result<ArmFigures> stable = ReadArm(decisions, candidate.trial->of, since, judgements);
  if (!stable) return std::move(stable).error();
  Result<ArmFigures> on_trial = ReadArm(decisions, candidate.name, since, judgements);
  if (!on_trial) return std::move(on_trial).error();
  return TrialFigures{*std::move(stable), *std::move(on_trial)};
}

std::vector<Alarm> AlarmsOf(const Policy& candidate, const TrialFigures& figures) {
  std::vector<Alarm> alarms;
  AppendAlarm(candidate, "success", figures.stable.success, figures.candidate.success, &alarms);
  AppendAlarm(candidate, "feedback", figures.stable.feedback, figures.candidate.feedback, &alarms);
  return alarms;
}

struct SuccessWatch::Impl : std::enable_shared_from_this<Impl> {
  Impl(Registry& r, StoreThread& s, Metrics& m) : registry(r), store(s), metrics(m) {}

  // On the store thread.
  void Begin(Store& from, Done done) {
    Result<std::vector<Feedback>> feedback = from.observations().ListFeedback(kFeedback);
    if (!feedback) return done(std::move(feedback).error());
    const auto kept = std::make_shared<std::vector<Feedback>>(*std::move(feedback));
    const auto reply = std::make_shared<Done>(std::move(done));
    // The registry may be gone by the time that the question is asked.
    const bool taken = store.PostQuery([self = shared_from_this(), snapshot = registry.Current(),
                                        kept, reply](DecisionQueries& decisions) {
      (*reply)(self->End(decisions, *snapshot, std::move(*kept)));
    });
    if (!taken) (*reply)(StoreThread::TooBusy());
  }

  Result<std::vector<Alarm>> End(DecisionQueries& decisions, const Snapshot& snapshot,
                                 std::vector<Feedback> feedback) {
    std::vector<Alarm> alarms;
    const Judgements judgements = JudgementsOf(feedback);
    for (const Policy& policy : snapshot.policies) {
      if (!policy.trial) continue;
      const Result<TrialFigures> figures = ReadTrial(decisions, policy, judgements);
      if (!figures) return figures.error();
      for (Alarm& alarm : AlarmsOf(policy, *figures)) alarms.push_back(std::move(alarm));
    }
    for (const ExpertFall& fall : FindFalls(std::move(feedback))) {
      if (snapshot.FindExpert(fall.expert) != nullptr) alarms.push_back(AlarmOf(fall));
    }
    Say(alarms);
    return alarms;
  }

  void Say(const std::vector<Alarm>& alarms) {
    const std::lock_guard lock(mutex);
    std::map<std::string, Gauge*> now;
    for (const Alarm& alarm : alarms) {
      Gauge& gauge = metrics.GetGauge(
          "moerge_success_alarm",
          "1 while an expert, or a policy's version on trial, does significantly worse than before",
          {{"kind", alarm.kind}, {"name", alarm.name}, {"measure", alarm.measure}});
      gauge.Set(1);
      const std::string key = KeyOf(alarm);
      if (!raised.contains(key)) LogRaised(alarm);
      now.emplace(key, &gauge);
    }
    for (const auto& [key, gauge] : raised) {
      if (now.contains(key)) continue;
      gauge->Set(0);
      LogInfo("measured success is no longer significantly lower", {{"of", key}});
    }
    raised.swap(now);
  }

  Registry& registry;
  StoreThread& store;
  Metrics& metrics;
  std::mutex mutex;                      // guards what follows
  std::map<std::string, Gauge*> raised;  // by KeyOf
};

SuccessWatch::SuccessWatch(Registry& registry, StoreThread& store, Metrics& metrics)
    : impl_(std::make_shared<Impl>(registry, store, metrics)) {
  store.EachMinute([weak = std::weak_ptr<Impl>(impl_)](Store& from) {
    const auto impl = weak.lock();
    if (impl == nullptr) return;
    impl->Begin(from, [](const Result<std::vector<Alarm>>& alarms) {
      if (!alarms) LogWarning("success could not be watched", {{"why", alarms.error().message}});
    });
  });
}

void SuccessWatch::Look(Done done) {
  const auto reply = std::make_shared<Done>(std::move(done));
  const bool taken = impl_->store.PostAfterDecisions(
      [impl = impl_, reply](Store& from) { impl->Begin(from, std::move(*reply)); });
  if (!taken) (*reply)(StoreThread::TooBusy());
}

}  // namespace moerge
