#include "services/api/key_rules.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "services/api/store_call.h"
#include "services/pipeline/model_choice.h"

namespace moerge::api {
namespace {

using Clock = KeyAccount::Clock;
using std::chrono::milliseconds;

constexpr milliseconds kLongestNap{1'000};

bool Allows(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

// As OpenAI writes it: "120ms", "1.5s", "6m0s".
std::string ResetText(Clock::duration time) {
  const auto ms = std::chrono::ceil<milliseconds>(time).count();
  if (ms < 1000) return std::to_string(ms) + "ms";
  const auto seconds = (ms + 999) / 1000;
  if (seconds < 60) return std::to_string(seconds) + "s";
  return std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s";
}

void SetQuota(std::string_view what, const KeyAccount::Quota& quota, http::Exchange* exchange) {
  if (quota.limit <= 0) return;
  const auto set = [&](std::string_view part, std::string value) {
    std::string name = "x-ratelimit-";
    name.append(part).append("-").append(what);
    exchange->SetHeader(name, std::move(value));
  };
  set("limit", std::to_string(quota.limit));
  set("remaining", std::to_string(quota.remaining));
  set("reset", ResetText(quota.reset));
}

// What the store says that the key has spent this month, by days.
Task<Result<std::vector<UsageRow>>> AskSpent(ApiContext& context, std::string name,
                                             std::chrono::system_clock::time_point now) {
  using namespace std::chrono;
  const year_month_day date(floor<days>(now));
  UsageFilter filter;
  filter.client = std::move(name);
  filter.per_day = true;
  filter.since = sys_days(date.year() / date.month() / 1);
  std::function<Result<std::vector<UsageRow>>(DecisionQueries&)> ask =
      [filter = std::move(filter)](DecisionQueries& decisions) { return decisions.Usage(filter); };
  co_return co_await OnDecisions(context.shared().store, std::move(ask));
}

// Several processes may ask at once; a store that is busy leaves what is known.
Task<void> LookUpSpent(ApiContext& context, std::shared_ptr<KeyAccount> account, std::string name) {
  const auto now = std::chrono::system_clock::now();
  const auto rows = co_await AskSpent(context, std::move(name), now);
  if (!rows) co_return;
  KeyAccount::Spent spent{.when = now};
  for (const UsageRow& row : *rows) {
    spent.month_usd += row.sums.cost_usd;
    if (now - row.start < std::chrono::days(1)) spent.day_usd += row.sums.cost_usd;
  }
  account->NoteSpent(spent);
}

Error PolicyNotAllowed(const ApiKey& key, const Policy& policy) {
  std::string names;
  for (const std::string& name : key.policies) names += (names.empty() ? "`" : ", `") + name + "`";
  return Error{.code = ErrorCode::kForbidden,
               .message = "the key `" + key.name + "` may not use the policy `" + policy.name +
                          "`; it may use " + names,
               .param = "model",
               .reason = "policy_not_allowed"};
}

// Of the experts that the client names those that its key may use.
Status NarrowExperts(const ApiKey& key, std::vector<std::string>* experts) {
  if (key.experts.empty()) return Ok{};
  if (experts->empty()) {
    *experts = key.experts;
    return Ok{};
  }
  std::erase_if(*experts, [&](const std::string& name) { return !Allows(key.experts, name); });
  if (!experts->empty()) return Ok{};
  return Error{.code = ErrorCode::kForbidden,
               .message = "the key `" + key.name + "` may use none of the experts of this request",
               .param = "moerge.experts",
               .reason = "expert_not_allowed"};
}

// What a choice that cannot be made is worth saying is the pipeline's business.
Status CheckNames(const ApiCall& call, ChatRequest* request) {
  const ApiKey& key = *call.key;
  if (key.policies.empty() && key.experts.empty()) return Ok{};
  const auto choice = ChooseModel(*call.router->snapshot(), request->model, request->policy);
  if (!choice) return Ok{};
  if (choice->expert != nullptr) {
    if (MayUse(&key, choice->expert->spec)) return Ok{};
    return NotAllowed(key, choice->expert->spec);
  }
  if (!MayUse(&key, *choice->policy)) return PolicyNotAllowed(key, *choice->policy);
  return NarrowExperts(key, &request->route.experts);
}

}  // namespace

Task<void> OpenAccount(ApiContext& context, ApiCall& call) {
  if (call.key == nullptr || call.key->limits == KeyLimits{}) co_return;
  call.account = context.shared().access->accounts.For(call.key->name);
  if (!call.account->WantsSpent(*call.key, Clock::now())) co_return;
  Task<void> look = LookUpSpent(context, call.account, call.key->name);
  // The first time nothing is known; later the request goes on meanwhile.
  if (!call.account->knows_spent()) co_return co_await std::move(look);
  Spawn(context.loop(), "spending", std::move(look));
}

Result<KeyPlace> EnterAccount(ApiCall& call) {
  if (call.account == nullptr) return KeyPlace();
  const Clock::time_point now = Clock::now();
  Status entered = call.account->Enter(*call.key, now);
  const KeyAccount::Quotas left = call.account->Left(now);
  SetQuota("requests", left.requests, &call.exchange);
  SetQuota("tokens", left.tokens, &call.exchange);
  if (!entered) return std::move(entered).error();
  return KeyPlace(call.account);
}

Task<Status> AwaitTurn(ApiCall& call) {
  if (call.account == nullptr) co_return Ok{};
  while (true) {
    Status entered = call.account->EnterBackground(*call.key, Clock::now());
    const bool waits = !entered && entered.error().reason == KeyAccount::kTooFast;
    const bool ends = call.deadline.Passed() || call.exchange.cancellation().cancelled();
    if (!waits || ends) co_return entered;
    const milliseconds wait = entered.error().retry_after;
    co_await SleepFor(std::min(wait, kLongestNap));
  }
}

bool MayUse(const ApiKey* key, const Policy& policy) {
  return key == nullptr || Allows(key->policies, policy.name);
}

bool MayUse(const ApiKey* key, const Expert& expert) {
  return key == nullptr || Allows(key->experts, expert.name);
}

Error NotAllowed(const ApiKey& key, const Expert& expert) {
  return Error{.code = ErrorCode::kForbidden,
               .message = "the key `" + key.name + "` may not use the expert `" + expert.name + "`",
               .param = "model",
               .reason = "expert_not_allowed"};
}

Status ApplyKey(const ApiCall& call, ChatRequest* request) {
  if (call.key == nullptr) return Ok{};
  if (Status allowed = CheckNames(call, request); !allowed) return allowed;
  if (call.account == nullptr) return Ok{};
  request->account = call.account.get();
  const std::int64_t tokens = request->route.prompt_tokens + request->route.max_tokens;
  return call.account->MayTake(tokens, Clock::now());
}

}  // namespace moerge::api
