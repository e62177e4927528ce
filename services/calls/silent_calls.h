// Calls of one backend that are under way without a byte of an answer: many of them, and no answer
// since, speak against it before any of their clients has given up; many of one model, and no
// answer of that since, against the model.
// Owner: the ExpertCaller. Threads: its loop.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace moerge {

class SilentCalls {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMany = 5;

 private:
  struct Line {
    std::list<Clock::time_point> sent = {};  // oldest first
    Clock::time_point answered = Clock::time_point::min();

    bool Waits(Clock::duration limit, Clock::time_point now) const {
      return !sent.empty() && now - sent.front() >= limit;
    }
    bool Stuck(Clock::duration limit, Clock::time_point now) const {
      if (sent.size() < kMany) return false;
      const Clock::time_point since = *std::next(sent.begin(), kMany - 1);
      return now - since >= limit && answered < since;
    }
  };

  // In a line, until it is answered or has left. The line outlives it.
  class Place {
   public:
    void Sent(Line* line, Clock::time_point now) {
      line_ = line;
      at_ = line->sent.insert(line->sent.end(), now);
    }
    void Answered(Clock::time_point now) {
      if (line_ != nullptr) line_->answered = now;
      Leave();
    }
    void Leave() {
      if (line_ != nullptr) line_->sent.erase(at_);
      line_ = nullptr;
    }

   private:
    Line* line_ = nullptr;
    std::list<Clock::time_point>::iterator at_;
  };

 public:
  // One of them, until it is answered or destroyed. The calls outlive it.
  class Call {
   public:
    Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { Leave(); }

    // REQUIRES: it was not sent before.
    void Sent(SilentCalls* calls, std::string_view model, Clock::time_point now) {
      of_backend_.Sent(&calls->all_, now);
      of_model_.Sent(&calls->models_[std::string(model)], now);
    }
    void Answered(Clock::time_point now) {
      of_backend_.Answered(now);
      of_model_.Answered(now);
    }

   private:
    void Leave() {
      of_backend_.Leave();
      of_model_.Leave();
    }
    Place of_backend_;
    Place of_model_;
  };

  // Whether kMany calls of the model have waited for so long, and none was answered meanwhile.
  bool Stuck(std::string_view model, Clock::duration limit, Clock::time_point now) const {
    const auto found = models_.find(model);
    return found != models_.end() && found->second.Stuck(limit, now);
  }
  // The same of all calls, if they are of several models.
  bool AllStuck(Clock::duration limit, Clock::time_point now) const {
    const auto waits = [&](const auto& each) { return each.second.Waits(limit, now); };
    return all_.Stuck(limit, now) && std::ranges::count_if(models_, waits) > 1;
  }

 private:
  Line all_;
  std::map<std::string, Line, std::less<>> models_;
};

}  // namespace moerge
