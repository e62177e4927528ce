#include "services/api/admin/examine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "registry/decision_filter.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

constexpr int kPageOfTraffic = 50;  // bodies are kilobytes; deciding takes some ten microseconds

using DecisionPage = std::vector<DecisionRecord>;

void TakeOne(DecisionRecord record, const ChooseWays& choose, const Health& health,
             Impact* impact) {
  if (IsDryRun(record)) return;
  const auto request = KeptRequest::Read(std::move(record.json));
  if (!request) {
    const bool text = request.error().code == ErrorCode::kConflict;
    return text ? impact->SkipWithoutText() : impact->SkipUnreadable();
  }
  if ((*request)->policy().empty()) return impact->SkipDirect();
  Way before;
  Way after;
  if (!choose(**request, &before, &after)) return impact->SkipWithoutPolicy();
  impact->Add(**request, DecideOnPaper(before, **request, health),
              DecideOnPaper(after, **request, health));
}

void NoteReach(const DecisionPage& page, Reach* reach) {
  if (page.empty()) return;
  if (reach->newest.empty()) reach->newest = FormatTime(page.front().time);
  reach->oldest = FormatTime(page.back().time);
  reach->looked_at += static_cast<std::int64_t>(page.size());
}

}  // namespace

Task<Result<std::shared_ptr<const Examined>>> Examine(ApiCall& call, ApiContext& context,
                                                      Traffic traffic, ChooseWays choose) {
  using Done = std::shared_ptr<const Examined>;
  const auto examined = std::make_shared<Examined>();
  const LatencyTable& latencies = context.shared().latencies;
  DecisionFilter filter = std::move(traffic.filter);
  filter.with_json = true;
  for (int left = traffic.limit; left > 0;) {
    filter.limit = std::min(left, kPageOfTraffic);
    std::function<Result<DecisionPage>(DecisionQueries&)> ask =
        [filter](DecisionQueries& decisions) { return decisions.List(filter); };
    Result<DecisionPage> page = co_await OnDecisions(context.shared().store, std::move(ask));
    if (!page) co_return std::move(page).error();
    const bool last = page->size() < static_cast<std::size_t>(filter.limit);
    left -= static_cast<int>(page->size());
    NoteReach(*page, &examined->reach);
    if (!page->empty()) filter.before_id = page->back().id;
    const auto work = std::make_shared<DecisionPage>(*std::move(page));
    std::function<bool()> decide = [work, examined, choose, &latencies] {
      const CalmHealth health(latencies);
      for (DecisionRecord& record : *work) {
        TakeOne(std::move(record), choose, health, &examined->impact);
      }
      return true;
    };
    co_await context.shared().pool.Run(std::move(decide));
    if (call.exchange.cancellation().cancelled()) {
      co_return Error{ErrorCode::kCancelled, "the client has left"};
    }
    if (last) break;
    examined->reach.complete = !call.deadline.Passed();
    if (!examined->reach.complete) break;
  }
  co_return Done(examined);
}

Way WayOf(const ApiShared& shared, RouterPtr router, std::shared_ptr<const Policy> policy) {
  Way way{std::move(router), std::move(policy)};
  if (way.policy->classifier == "embedding") {
    way.head = shared.signals.heads.Find(EmbeddingSpecOf(*way.policy)).head;
  }
  return way;
}

}  // namespace moerge::api
