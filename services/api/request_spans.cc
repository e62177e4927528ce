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

void AddText(std::string_view name, std::string_view text, Attributes* out) {
  if (!text.empty()) out->emplace_back(name, std::string(text));
}

void AddUsage(const Usage& usage, Attributes* out) {
  out->emplace_back("gen_ai.usage.input_tokens", usage.prompt_tokens);
  out->emplace_back("gen_ai.usage.output_tokens", usage.completion_tokens);
  if (usage.cached_tokens > 0) {
    out->emplace_back("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens);
  }
  if (usage.reasoning_tokens > 0) {
    out->emplace_back("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens);
  }
}

void AddServer(const Backend& backend, Attributes* out) {
  const Result<Url> url = ParseUrl(backend.base_url);
  if (!url) return;
  AddText("server.address", url->host, out);
  out->emplace_back("server.port", std::int64_t{url->port});
}

void SetFailed(std::string_view type, std::string_view message, Span* span) {
  span->failed = true;
  span->message = message;
  AddText("error.type", type, &span->attributes);
}

class SpanMaker {
 public:
  SpanMaker(const RequestView& view, Clock::time_point now)
      : view_(view), record_(view.record), clock_(now), now_(now) {}

  std::vector<Span> Make() {
    used_.assign(record_.contributions.size(), false);
    spans_.reserve(record_.attempts.size() + 2);
    AddRequest();
    if (!record_.decision.id.empty()) AddDecision();
    for (const Attempt& attempt : record_.attempts) {
      if (attempt.outcome != AttemptOutcome::kSkipped) AddAttempt(attempt);
    }
    return std::move(spans_);
  }

 private:
  static constexpr std::size_t kAttributes = 16;  // few spans have more

  Span& Add(std::uint64_t id, std::uint64_t parent, SpanKind kind, Clock::time_point begin,
            Clock::time_point end) {
    Span& span = spans_.emplace_back(Span{.trace_id = view_.trace.trace_id,
                                          .id = id,
                                          .parent = parent,
                                          .kind = kind,
                                          .begin = clock_.At(begin),
                                          .end = clock_.At(end)});
    span.attributes.reserve(kAttributes);
    return span;
  }

  void AddRequest() {
    Span& span = Add(view_.trace.span, view_.trace.parent, SpanKind::kServer, record_.begin, now_);
    span.name = std::string(view_.operation) + " " + std::string(view_.model);
    Attributes& out = span.attributes;
    AddText("gen_ai.operation.name", view_.operation, &out);
    AddText("gen_ai.provider.name", "moerge", &out);
    AddText("gen_ai.request.model", view_.model, &out);
    if (view_.stream) out.emplace_back("gen_ai.request.stream", true);
    if (record_.answered) {
      AddText("gen_ai.response.model", record_.expert->spec.name, &out);
      const Spending charged = record_.Charged();
      AddUsage(charged.usage, &out);
      out.emplace_back("moerge.cost_usd", charged.cost_usd);
    }
    if (record_.first_token != Clock::time_point{}) {
      const std::chrono::duration<double> wait = record_.first_token - record_.begin;
      out.emplace_back("gen_ai.response.time_to_first_chunk", wait.count());
    }
    if (view_.status != 0) {
      out.emplace_back("http.response.status_code", static_cast<std::int64_t>(view_.status));
    }
    AddText("moerge.policy", view_.policy, &out);
    AddText("moerge.skill", view_.skill, &out);
    AddText("moerge.decision", record_.decision.id, &out);
    AddText("moerge.request_id", view_.request_id, &out);
    AddText("moerge.client", view_.client, &out);
    AddText("moerge.aggregate", record_.aggregate, &out);
    if (view_.error != nullptr) {
      SetFailed(ErrorName(view_.error->code), view_.error->message, &span);
    }
  }

  void AddDecision() {
    const Decision& decision = record_.decision;
    const std::chrono::duration<double, std::micro> took(decision.classify_us +
                                                         decision.recruit_us);
    const auto end = record_.begin + std::chrono::duration_cast<Clock::duration>(took);
    // Any number but those of the other spans: none is made of this one.
    Span& span = Add(~view_.trace.span, view_.trace.span, SpanKind::kInternal, record_.begin, end);
    span.name = "moerge.decide";
    Attributes& out = span.attributes;
    AddText("moerge.policy", view_.policy, &out);
    AddText("moerge.skill", view_.skill, &out);
    AddText("moerge.decision", decision.id, &out);
    out.emplace_back("moerge.confidence", decision.confidence);
    out.emplace_back("moerge.considered", static_cast<std::int64_t>(decision.considered));
    out.emplace_back("moerge.roster", static_cast<std::int64_t>(decision.roster.size()));
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
        attempt.span != 0 ? attempt.span : view_.trace.span ^ (spans_.size() + 1);
    Span& span = Add(id, view_.trace.span, tool ? SpanKind::kInternal : SpanKind::kClient,
                     attempt.begin, end);
    const std::string_view operation = tool ? "execute_tool" : view_.operation;
    span.name = std::string(operation) + " " + expert->spec.model;
    Attributes& out = span.attributes;
    AddText("gen_ai.operation.name", operation, &out);
    if (tool) {
      AddText("gen_ai.tool.name", expert->spec.model, &out);
    } else {
      AddText("gen_ai.provider.name", ProtocolName(expert->backend->protocol), &out);
      AddText("gen_ai.request.model", expert->spec.model, &out);
      AddServer(*expert->backend, &out);
      AddText("moerge.backend", expert->backend->name, &out);
    }
    AddText("moerge.expert", expert->spec.name, &out);
    AddText("moerge.outcome", AttemptOutcomeName(attempt.outcome), &out);
    if (attempt.retry > 0) {
      out.emplace_back("moerge.retry", static_cast<std::int64_t>(attempt.retry));
    }
    if (attempt.outcome == AttemptOutcome::kOk) AddWhatItGave(attempt, &out);
    if (attempt.outcome == AttemptOutcome::kFailed) {
      SetFailed(ErrorName(attempt.code), attempt.error, &span);
    }
  }

  void AddWhatItGave(const Attempt& attempt, Attributes* out) {
    if (record_.contributions.empty()) {
      const bool answer = record_.answered && record_.expert->id == attempt.expert;
      if (answer) AddUsage(record_.usage, out);
      return;
    }
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const Contribution& given = record_.contributions[i];
      if (used_[i] || given.expert != attempt.expert) continue;
      used_[i] = true;
      AddText("moerge.role", given.role, out);
      AddUsage(given.usage, out);
      return;
    }
  }

  const RequestView& view_;
  const ChatRecord& record_;
  WallClock clock_;
  Clock::time_point now_;
  std::vector<bool> used_;  // contributions that a span tells of
  std::vector<Span> spans_;
};

}  // namespace

std::vector<Span> SpansOf(const RequestView& view, Clock::time_point now) {
  return SpanMaker(view, now).Make();
}

}  // namespace moerge::api
