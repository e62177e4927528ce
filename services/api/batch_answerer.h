// Answers the lines of one batch as background work, all of them by the configuration and experts
// that were in force when it was made. Threads: the context's event loop.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "services/api/context.h"
#include "services/jobs/batch_runner.h"

namespace moerge::api {

// The endpoints that batches are of.
inline constexpr std::string_view kBatchEndpoints[] = {"/v1/chat/completions", "/v1/completions",
                                                       "/v1/embeddings"};

// `context` outlives it.
std::unique_ptr<LineAnswerer> MakeBatchAnswerer(ApiContext& context);

}  // namespace moerge::api
