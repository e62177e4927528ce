#include "services/api/request_spans.h"

#include <chrono>
#include <string>
#include <utility>

#include "adapters/url.h"
#include "config/entities.h"
#include "services/api/error.h"

namespace moerge::api {
namespace {

using Clock = ChatRecord::Clock;

// Steady times as times of day.
class WallClock {
 public:
  explicit WallClock(Clock::time_point now) : now_(now), wall_(WallTime::clock::now()) {}
  WallTime At(Clock::time_point time) const {
    return wall_ + std::chrono::duration_cast<WallTime::duration>(time - now_);
  }

 private:
  Clock::time_point now_;
  WallTime wall_;
};

void AddUsage(const Usage& usage, SpanWriter* out) {
  out->Int("gen_ai.usage.input_tokens", usage.prompt_tokens);
  out->Int("gen_ai.usage.output_tokens", usage.completion_tokens);
  if (usage.cached_tokens > 0) {
    out->Int("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens);
  }
  if (usage.reasoning_tokens > 0) {
    out->Int("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens);
  }
}

void AddServer(const Backend& backend, SpanWriter* out) {
  const Result<Url> url = ParseUrl(backend.base_url);
  if (!url) return;
  out->Text("server.address", url->host);
  out->Int("server.port", url->port);
}

void SetFailed(std::string_view type, std::string_view message, SpanWriter* out) {
  out->Fail(message);
  out->Text("error.type", type);
}

class RequestWriter {
 public:
  RequestWriter(const RequestView& view, Clock::time_point now, SpanWriter* out)
      : view_(view), record_(view.record), clock_(now), now_(now), out_(*out) {}

  void Write() {
    used_.assign(record_.contributions.size(), false);
    out_.Start(view_.trace.trace_id);
    AddRequest();
    if (!record_.decision.id.empty()) AddDecision();
    for (const Attempt& attempt : record_.attempts) {
      if (attempt.outcome != AttemptOutcome::kSkipped) AddAttempt(attempt);
    }
  }

 private:
  void AddRequest() {
    out_.Begin({view_.trace.span, view_.trace.parent, SpanKind::kServer, clock_.At(record_.begin),
                clock_.At(now_)},
               view_.operation, view_.model);
    out_.Text("gen_ai.operation.name", view_.operation);
    out_.Text("gen_ai.provider.name", "moerge");
    out_.Text("gen_ai.request.model", view_.model);
    if (view_.stream) out_.Flag("gen_ai.request.stream", true);
    if (record_.answered) {
      out_.Text("gen_ai.response.model", record_.expert->spec.name);
      const Spending charged = record_.Charged();
      AddUsage(charged.usage, &out_);
      out_.Double("moerge.cost_usd", charged.cost_usd);
    }
    if (record_.first_token != Clock::time_point{}) {
      const std::chrono::duration<double> wait = record_.first_token - record_.begin;
      out_.Double("gen_ai.response.time_to_first_chunk", wait.count());
    }
    if (view_.status != 0) {
      out_.Int("http.response.status_code", static_cast<std::int64_t>(view_.status));
    }
    out_.Text("moerge.policy", view_.policy);
    out_.Text("moerge.skill", view_.skill);
    out_.Text("moerge.decision", record_.decision.id);
    out_.Text("moerge.request_id", view_.request_id);
    out_.Text("moerge.client", view_.client);
    out_.Text("moerge.aggregate", record_.aggregate);
    if (view_.error != nullptr) {
      SetFailed(ErrorName(view_.error->code), view_.error->message, &out_);
    }
    out_.End();
  }

  void AddDecision() {
    const Decision& decision = record_.decision;
    const std::chrono::duration<double, std::micro> took(decision.classify_us +
                                                         decision.recruit_us);
    const auto end = record_.begin + std::chrono::duration_cast<Clock::duration>(took);
    // Any number but those of the other spans: none is made of this one.
    out_.Begin({~view_.trace.span, view_.trace.span, SpanKind::kInternal, clock_.At(record_.begin),
                clock_.At(end)},
               "moerge.decide");
    out_.Text("moerge.policy", view_.policy);
    out_.Text("moerge.skill", view_.skill);
    out_.Text("moerge.decision", decision.id);
    out_.Double("moerge.confidence", decision.confidence);
    out_.Int("moerge.considered", static_cast<std::int64_t>(decision.considered));
    out_.Int("moerge.roster", static_cast<std::int64_t>(decision.roster.size()));
    out_.End();
  }

  void AddAttempt(const Attempt& attempt) {
    const ExpertEntry* const expert = record_.router == nullptr
                                          ? nullptr
                                          : record_.router->snapshot()->FindExpert(attempt.expert);
    if (expert == nullptr) return;
    const auto took = std::chrono::duration<double, std::milli>(attempt.ms);
    const auto end = attempt.begin + std::chrono::duration_cast<Clock::duration>(took);
    const bool tool = expert->backend == nullptr;
    // A tool passes no id on; its span gets one that no other has.
    const std::uint64_t id =
        attempt.span != 0 ? attempt.span : view_.trace.span ^ (out_.count() + 1);
    const std::string_view operation = tool ? "execute_tool" : view_.operation;
    out_.Begin({id, view_.trace.span, tool ? SpanKind::kInternal : SpanKind::kClient,
                clock_.At(attempt.begin), clock_.At(end)},
               operation, expert->spec.model);
    out_.Text("gen_ai.operation.name", operation);
    if (tool) {
      out_.Text("gen_ai.tool.name", expert->spec.model);
    } else {
      out_.Text("gen_ai.provider.name", ProtocolName(expert->backend->protocol));
      out_.Text("gen_ai.request.model", expert->spec.model);
      AddServer(*expert->backend, &out_);
      out_.Text("moerge.backend", expert->backend->name);
    }
    out_.Text("moerge.expert", expert->spec.name);
    out_.Text("moerge.outcome", AttemptOutcomeName(attempt.outcome));
    if (attempt.retry > 0) {
      out_.Int("moerge.retry", static_cast<std::int64_t>(attempt.retry));
    }
    if (attempt.outcome == AttemptOutcome::kOk) AddWhatItGave(attempt);
    if (attempt.outcome == AttemptOutcome::kFailed) {
      SetFailed(ErrorName(attempt.code), attempt.error, &out_);
    }
    out_.End();
  }

  void AddWhatItGave(const Attempt& attempt) {
    if (record_.contributions.empty()) {
      const bool answer = record_.answered && record_.expert->id == attempt.expert;
      if (answer) AddUsage(record_.usage, &out_);
      return;
    }
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const Contribution& given = record_.contributions[i];
      if (used_[i] || given.expert != attempt.expert) continue;
      used_[i] = true;
      out_.Text("moerge.role", given.role);
      AddUsage(given.usage, &out_);
      return;
    }
  }

  const RequestView& view_;
  const ChatRecord& record_;
  WallClock clock_;
  Clock::time_point now_;
  std::vector<bool> used_;  // contributions that a span tells of
  SpanWriter& out_;
};

}  // namespace

void WriteSpans(const RequestView& view, Clock::time_point now, SpanWriter* out) {
  RequestWriter(view, now, out).Write();
}

}  // namespace moerge::api
