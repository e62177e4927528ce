// Records of jobs as a client may see them: its own, and with an administrator's key those that
// were made while no key was needed. Threads: the call's event loop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/job_store.h"
#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/jobs/batch.h"

namespace moerge::api {

struct JobPage {
  std::vector<JobRecord> records;  // newest first
  bool has_more = false;
};

// One page by ?limit= (1..1000, 20 by default) and ?after=, an id. Errors: kInvalid, of the store.
Task<Result<JobPage>> ListJobs(ApiContext& context, ApiCall& call, JobFilter filter);
// Error: kNotFound, there is none of that id that this client may see.
Task<Result<JobRecord>> FindJob(ApiContext& context, ApiCall& call, std::string_view kind,
                                std::string id);
// Durable from then on. Errors: of the store.
Task<Status> AddJob(ApiContext& context, JobRecord record);
// OpenAI's list; `items` are those of the page, as JSON.
std::string ListJson(const JobPage& page, const std::vector<std::string>& items);

// A route that any key may call.
using ClientHandler = Task<void> (*)(ApiContext& context, ApiCall& call);
void AddClientRoute(RouteTable& table, ApiContext& context, std::string_view method,
                    std::string_view path, ClientHandler handle);

}  // namespace moerge::api
