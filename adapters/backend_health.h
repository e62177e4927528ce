// Whether one backend, or one of its models, should be avoided for a while: a Breaker for the
// backend and one for each model that has failed lately. Pure: time is a parameter. Not
// thread-safe; its owner locks.
//
// Whom a failure speaks against. A model alone at its backend is the backend: its failures are the
// backend's, and it has no breaker of its own. One of several is first suspected itself: a file
// that is damaged, or memory that does not suffice for it, says nothing about its neighbours, so
// that they are never refused because of it. Its failure counts for the backend as well while it
// and another model fail (Breaker::Fails: most of a model's outcomes of the last
// Breaker::kMemory), since then what they share is the likelier cause. A backend that is gone is
// thus avoided as a whole once two of its models have been asked in vain; one of which a single
// model is asked loses that model alone, which is all that anybody notices of it. Successes count
// for both.
//
// Trials of a model whose breaker is open are paced by that, be the backend's open or not, so that
// a model that stays broken does not take the turns of those that are well again; answers of any
// close the backend's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "adapters/breaker.h"

namespace moerge {

// A model of a backend, as the backend calls it.
struct ModelAtBackend {
  std::string_view name = {};
  bool among_others = false;  // the backend has experts with other models too
};

class BackendHealth {
 public:
  using Clock = Breaker::Clock;
  // Calls in a row, given up without a byte when an answer was due, that open a breaker.
  static constexpr int kSilencesToOpen = 5;

  // Whose trial a call is.
  enum class Trial { kNone, kBackends, kModels };
  struct Admission {
    bool avoid = false;
    Trial trial = Trial::kNone;  // not kNone: EndTrial when the call is over
  };
  struct Outcome {
    bool success = false;
    std::uint64_t client = 0;      // 0: unknown
    std::string_view reason = {};  // of a failure
    Clock::time_point sent{};      // its last call
    // Successes of the last Breaker::kRecent that were not reported, since nothing had failed: of
    // the model, and of all.
    int unreported = 0;
    int unreported_of_all = 0;
  };

  Admission Admit(std::string_view model, Clock::time_point now);
  void EndTrial(Trial trial, std::string_view model);

  // As Breaker's. True if one opened by it.
  bool Report(const ModelAtBackend& model, const Outcome& outcome, Clock::time_point now);
  // A call was given up without one byte though its answer was due. True if a breaker opened.
  bool ReportSilence(const ModelAtBackend& model, Clock::time_point now);
  // Calls of the model wait, and none is answered. True if a breaker opened.
  bool Suspect(const ModelAtBackend& model, std::string_view reason, Clock::time_point now);
  // Calls of several models do.
  bool SuspectAll(std::string_view reason, Clock::time_point now) {
    return backend_.Suspect(reason, now);
  }

  // Whether Admit would let a call through.
  bool Healthy(std::string_view model, Clock::time_point now) const;
  // Whether it would for every model.
  bool Healthy(Clock::time_point now) const;
  bool open(std::string_view model) const { return BreakerOver(model).open(); }
  // Why the model is avoided, if it is: the backend's if that is open, or if there is no other.
  const Breaker& BreakerOver(std::string_view model) const;
  // When it is tried: its own if that is open.
  const Breaker& Pacing(std::string_view model) const;
  const Breaker& backend() const { return backend_; }
  // Of models that have failed lately, by name.
  const std::map<std::string, Breaker, std::less<>>& models() const { return models_; }

  // Nothing to forget: a success would change nothing.
  bool quiet() const { return backend_.quiet() && models_.empty() && silences_.empty(); }

 private:
  struct Silences {
    int own = 0;     // since the model's latest answer
    int in_row = 0;  // since the latest of any
  };

  Breaker& BreakerOf(std::string_view model);
  bool ReportToModel(std::string_view model, const Outcome& outcome, Clock::time_point now);
  bool Fails(std::string_view model, Clock::time_point now) const;
  bool AnotherFails(std::string_view model, Clock::time_point now) const;
  void Forget(std::string_view model);
  void Answered(std::string_view model);

  Breaker backend_;
  std::map<std::string, Breaker, std::less<>> models_;
  std::map<std::string, Silences, std::less<>> silences_;
};

}  // namespace moerge
