#include "services/api/chat_reply.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "services/api/splice.h"
#include "services/api/usage_sum.h"

namespace moerge::api {

Deadline ChatDeadline(const ApiCall& call, const ChatRequest& request) {
  const double ceiling = request.route.max_latency_ms;
  if (ceiling <= 0) return call.deadline;
  const std::chrono::duration<double, std::milli> wish(std::min(ceiling, 1e12));
  return call.deadline.Within(std::chrono::duration_cast<Deadline::Clock::duration>(wish));
}

std::string ReplyJson(const RoutedCall& routed, ChatReply answer, bool explain) {
  const Usage others = routed.record.OtherCalls().usage;
  if (others.prompt_tokens + others.completion_tokens > 0) {
    AddUsage(others, &answer.json, &answer.model_begin, &answer.model_end);
  }
  std::string explanation;
  if (explain) explanation = routed.DecisionJson(Outcome::kOk, nullptr);
  std::string summary;
  AppendSummary(routed.record, ChatRecord::Clock::now(), explanation, &summary);
  const Splice splice{.json = answer.json,
                      .model_begin = answer.model_begin,
                      .model_end = answer.model_end,
                      .model = routed.record.expert->spec.name,
                      .moerge = summary};
  std::string reply;
  AppendSpliced(splice, &reply);
  return reply;
}

}  // namespace moerge::api
