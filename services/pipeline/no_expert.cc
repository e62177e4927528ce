#include "services/pipeline/no_expert.h"

#include <string>

#include "adapters/protocol.h"
#include "registry/registry.h"

namespace moerge {
namespace {

Error AbstainedError(const Abstention& abstention) {
  return Error{.code = ErrorCode::kNoExpert,
               .message = "moerge gives no answer to this request, as its policy says: " +
                          abstention.why + ".",
               .param = "model",
               .reason = "abstained"};
}

Error BlockerError(const Blocker& blocker) {
  if (blocker.what == Exclusion::kCapacity) {
    Error full{.code = ErrorCode::kRateLimited,
               .message = "the policy refuses what is too much for one expert: " + blocker.why +
                          ". Try again later.",
               .param = "model",
               .reason = "capacity"};
    full.retry_after = std::chrono::seconds(1);
    return full;
  }
  if (blocker.what == Exclusion::kContext) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "the request is too long: " + blocker.why + ". Shorten it.",
                 .param = "messages",
                 .reason = std::string(kContextExceeded)};
  }
  if (blocker.what == Exclusion::kLatencyLimit) {
    return Error{
        .code = ErrorCode::kNoExpert,
        .message = "no expert is fast enough: " + blocker.why + ". Raise the limit or omit it.",
        .param = "moerge.max_latency_ms",
        .reason = "latency_limit"};
  }
  return Error{.code = ErrorCode::kNoExpert,
               .message = "no expert is cheap enough: " + blocker.why +
                          ". Raise the limit (`moerge.max_cost_usd`, or `limits.cost_usd` "
                          "of the policy) or omit it.",
               .param = "moerge.max_cost_usd",
               .reason = "cost_limit"};
}

}  // namespace

Error NoExpertError(const Decision& decision) {
  if (decision.abstained()) return AbstainedError(decision.abstention);
  if (decision.blocker.what != Exclusion::kNone) return BlockerError(decision.blocker);
  std::string skill(kGeneralSkill);
  if (!decision.demand.skills.empty()) skill = NameOf(decision.demand.skills.front().skill);
  std::string message = "no registered expert can answer this request. Skill in demand: `" + skill +
                        "`. Add an expert that has it, with `moerge experts add` or under "
                        "`experts:` in the configuration file, for example with `skills: {" +
                        skill + ": 0.8}`, or with `skills: {general: 0.5}` for everything.";
  return Error{.code = ErrorCode::kNoExpert,
               .message = std::move(message),
               .param = "model",
               .reason = "no_expert"};
}

}  // namespace moerge
