// A change of the registry that a client asks for, made, or with ?dry_run=true only worked out and
// checked.
#pragma once

#include "services/api/context.h"
#include "services/api/store_call.h"

namespace moerge::api {

struct ChangeMade {
  std::uint64_t revision = 0;  // the new one; of a dry run the one in force
  bool dry = false;            // the reply's header says so
};
// As ChangeRegistry, in the name of the call's key. Errors also: kInvalid, `dry_run` is neither
// true nor false.
Task<Result<ChangeMade>> ChangeOrTry(ApiCall& call, ApiContext& context, Registry::Make make);

}  // namespace moerge::api
