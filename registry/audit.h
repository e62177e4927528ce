// The record of what was changed, when and by whom: written with each change, in the same
// transaction, and never changed or removed.
//
// A part of Store, with the same rules: blocking, on the store thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "registry/types.h"

namespace moerge {

// Who changes something, for the record.
struct ChangeAuthor {
  std::string who = {};         // name of the key; empty: without one, from this machine
  std::string through = {};     // "api", "reload", "command line"
  std::string request_id = {};  // empty: no request
};

// One changed thing.
struct AuditRecord {
  std::int64_t id = 0;  // given by the store; later ones are greater
  WallTime time = {};
  std::uint64_t revision = 0;  // of the registry, with the change in force
  ChangeAuthor by = {};
  std::string action = {};  // "create", "change", "remove"
  std::string kind = {};    // "expert", "backend", "skill", "policy", "key", "profile"
  std::string name = {};
  // As JSON objects, secrets masked; empty: there was nothing, there is nothing.
  std::string before = {};
  std::string after = {};
};

struct AuditFilter {
  std::optional<std::string> who = {}, kind = {}, name = {}, action = {};
  std::optional<std::uint64_t> revision = {};
  std::optional<WallTime> since = {}, until = {};
  std::int64_t before_id = 0;        // page: records older than this one; 0: from the newest
  std::uint64_t after_revision = 0;  // only of later revisions
  std::optional<std::uint64_t> before_revision = {};  // only of earlier ones
  int limit = 100;                                    // 1..10,000
};

// Whether a record is one of those asked for, but for before_id and limit.
bool Matches(const AuditFilter& filter, const AuditRecord& record);

class AuditLog {
 public:
  virtual ~AuditLog() = default;

  // Newest first.
  virtual Result<std::vector<AuditRecord>> List(const AuditFilter& filter) = 0;
};

}  // namespace moerge
