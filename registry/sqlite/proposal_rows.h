// Proposals of skills in SQLite, one row each. Blocking.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/sqlite/database.h"
#include "registry/store.h"

namespace moerge::sqlite {

// Removes, then puts. The caller holds the transaction.
Status WriteProposals(Database& database, const StoreChange& change);
Result<std::vector<ProposalRecord>> ListProposals(Database& database);  // as Store::ListProposals
Result<std::optional<ProposalRecord>> GetProposal(Database& database, std::string_view id);

}  // namespace moerge::sqlite
