#include "services/pipeline/aggregators/race.h"

#include <chrono>
#include <deque>

#include "config/policy_options.h"
#include "registry/latency.h"
#include "services/answers/tool_calls.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/dispatcher.h"

namespace moerge {
namespace {

bool IsGood(const Member& member) {
  if (member.fails()) return false;
  if (!member.reply || member.reply->finish_reason == "content_filter") return false;
  return !member.text.empty() || CanonicalCalls(member.reply->json).has_value();
}

class Heat {
 public:
  explicit Heat(Ensemble& ensemble)
      : ensemble_(ensemble),
        hedge_(ensemble.round().policy.options->race_hedge),
        unknown_(ensemble.round().policy.options->race_hedge_ms) {}

  Task<Result<ChatReply>> Run() {
    Ask();
    while (!ensemble_.seats().AllAsked() && hedge_ <= 0) Ask();
    while (true) {
      const bool all = ensemble_.seats().AllAsked() || winner_ != nullptr;
      const Deadline until = all ? Deadline::Never() : hedge_until_;
      Member* ended = co_await ensemble_.Next(until);
      if (winner_ != nullptr) {
        if (ended == winner_) co_return Streamed();
        continue;
      }
      if (ended != nullptr && IsGood(*ended)) co_return co_await Finish(*ended);
      if (!ensemble_.seats().AllAsked() && !ensemble_.Cancelled()) {
        Ask();  // the one before has failed or takes long
      } else if (ended == nullptr) {
        co_return co_await Lost();
      }
    }
  }

 private:
  // One runner's view of the client's stream: whoever writes first has it.
  class Lane final : public ClientStream {
   public:
    Lane(Heat& heat, Member& member) : heat_(heat), member_(member) {}
    bool answering() const override {
      return heat_.winner_ == &member_ && heat_.ensemble_.round().stream->answering();
    }
    Task<Status> KeepAlive() override { co_return Ok{}; }
    Task<Status> Progress(std::string_view) override { co_return Ok{}; }
    Task<Status> Write(const ChatChunk& chunk) override {
      if (!heat_.Claim(member_)) {
        co_return Error{ErrorCode::kCancelled, "another expert was faster"};
      }
      co_return co_await heat_.ensemble_.round().stream->Write(chunk);
    }

   private:
    Heat& heat_;
    Member& member_;
  };

  void Ask() {
    Member& member = ensemble_.seats().NextInLine();
    ClientStream* stream = nullptr;
    const bool through = ensemble_.round().stream != nullptr && !ensemble_.Checks();
    if (through) stream = &lanes_.emplace_back(*this, member);
    ensemble_.AskNext(stream);
    hedge_until_ = Deadline::After(UsualTime(*member.expert));
  }

  // After which the next one is asked.
  std::chrono::milliseconds UsualTime(const ExpertEntry& expert) const {
    const LatencyTable* table = ensemble_.round().dispatcher.latencies();
    const ExpertLatency* known = table == nullptr ? nullptr : table->Find(expert.id);
    double ms = 0;
    if (known != nullptr && ensemble_.round().stream != nullptr)
      ms = known->first().Quantile(hedge_);
    if (known != nullptr && ms <= 0) ms = known->answers().Quantile(hedge_);
    if (ms <= 0) return unknown_;
    return std::chrono::milliseconds(static_cast<std::int64_t>(ms) + 1);
  }

  bool Claim(Member& member) {
    if (winner_ != nullptr) return winner_ == &member;
    winner_ = &member;
    ensemble_.record().expert = member.expert;
    for (Member& other : ensemble_.seats().all()) {
      if (&other != &member && other.asked && !other.done) ensemble_.Abort(other);
    }
    return true;
  }

  // The winner's stream has ended, well or not.
  Result<ChatReply> Streamed() {
    if (winner_->error) return *std::move(winner_->error);
    ensemble_.ballots().NoteWinner(*winner_);
    return ensemble_.delivery().DeliverStreamed(*winner_);
  }

  Task<Result<ChatReply>> Finish(Member& member) {
    co_await ensemble_.EndCalls();
    ensemble_.ballots().NoteWinner(member);
    co_return co_await DeliverChecked(ensemble_, member);
  }

  // No good answer came: any is better than none.
  Task<Result<ChatReply>> Lost() {
    Member* best = ensemble_.ballots().Leader();
    if (best == nullptr) co_return ensemble_.Failure();
    ensemble_.record().NoteOnce("no answer was good; this one came first of those that there are");
    co_return co_await Finish(*best);
  }

  Ensemble& ensemble_;
  const double hedge_;
  const std::chrono::milliseconds unknown_;
  Deadline hedge_until_ = Deadline::Never();
  std::deque<Lane> lanes_;
  Member* winner_ = nullptr;  // of a stream
};

}  // namespace

Task<Result<ChatReply>> Race::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  Heat heat(ensemble);
  co_return co_await ensemble.Run(heat.Run());
}

}  // namespace moerge
