#include "services/pipeline/aggregator.h"

#include <string>

#include "config/base/text.h"
#include "services/pipeline/aggregators/first.h"
#include "services/pipeline/aggregators/vote.h"

namespace moerge {

Result<const Aggregator*> FindAggregator(const Policy& policy) {
  static const First first;
  static const Vote vote;
  static const Aggregator* const kAll[] = {&first, &vote};
  std::vector<std::string> names;
  for (const Aggregator* aggregator : kAll) {
    if (policy.aggregate == aggregator->name()) return aggregator;
    names.emplace_back(aggregator->name());
  }
  return Error{.code = ErrorCode::kInvalid,
               .message = "policy `" + policy.name + "`: there is no aggregate `" +
                          policy.aggregate + "`." + DidYouMean(policy.aggregate, names) +
                          " There are " + Join(names, ", ") + ".",
               .param = "aggregate"};
}

}  // namespace moerge
