// Feedback in SQLite, one row per decision and key. Blocking. Error: kInternal, damaged.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/sqlite/names.h"
#include "registry/types.h"

namespace moerge::sqlite {

// The caller holds the transaction.
Status PutFeedback(Database& database, Names& names, const std::vector<Feedback>& feedback);
Result<std::optional<Feedback>> GetFeedback(Database& database, const Names& names,
                                            std::string_view decision, std::string_view key);
// As ObservationLog::ListFeedback.
Result<std::vector<Feedback>> ListFeedback(Database& database, const Names& names, int limit);
// As ObservationLog::FeedbackOn.
Result<std::vector<Feedback>> ListFeedbackOn(Database& database, const Names& names,
                                             std::string_view decision);
// Drops what was said about decisions that are no longer kept.
Status TrimFeedback(Database& database);

}  // namespace moerge::sqlite
