// Where evidence is from, and whether that is as a client has read it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/base/result.h"
#include "registry/evidence_table.h"
#include "services/api/context.h"
#include "services/api/routes.h"

namespace moerge::api {

// Different whenever anything of the source's evidence is ("feedback": of all its days). Empty:
// there is none.
std::string TagOfSource(const EvidenceTable& evidence, std::string_view source);

// Of the registry as a whole, for changes that touch any part of it: its revision.
std::string TagOfRevision(std::uint64_t revision);

void AddProfileSourceRoutes(RouteTable& table, ApiContext& context);  // /api/v1/profile-sources

}  // namespace moerge::api
