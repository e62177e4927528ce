#include "services/pipeline/aggregator.h"

#include <string>

#include "config/base/text.h"
#include "services/pipeline/aggregators/best_of.h"
#include "services/pipeline/aggregators/cascade.h"
#include "services/pipeline/aggregators/consult.h"
#include "services/pipeline/aggregators/debate.h"
#include "services/pipeline/aggregators/first.h"
#include "services/pipeline/aggregators/layers.h"
#include "services/pipeline/aggregators/panel.h"
#include "services/pipeline/aggregators/race.h"
#include "services/pipeline/aggregators/refine.h"
#include "services/pipeline/aggregators/synthesize.h"
#include "services/pipeline/aggregators/vote.h"

namespace moerge {

std::span<const Aggregator* const> Aggregators() {
  static const First first;
  static const Vote vote;
  static const BestOf best_of;
  static const Synthesize synthesize;
  static const PanelDiscussion panel;
  static const Debate debate;
  static const Layers layers;
  static const Cascade cascade;
  static const Race race;
  static const Refine refine;
  static const Consult consult;
  static const Aggregator* const kAll[] = {&first, &vote,   &best_of, &synthesize,
                                           &panel, &debate, &layers,  &cascade,
                                           &race,  &refine, &consult};
  return kAll;
}

Result<const Aggregator*> FindAggregator(const Policy& policy) {
  std::vector<std::string> names;
  for (const Aggregator* aggregator : Aggregators()) {
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
