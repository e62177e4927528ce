// Earlier states of what a person configures over the API, out of the record of changes (audit.h):
// what differs between two revisions, and the change that brings an earlier one back.
//
// Of backends, experts, skills and policies. Keys are never brought back, since one that was
// revoked would open again; what profiles have learnt is no part of it; what the configuration file
// declares stays the file's. Thread-safe, pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "registry/audit.h"
#include "registry/snapshot.h"
#include "registry/store.h"

namespace moerge {

// Something that is not the same at two revisions.
struct RevisionDifference {
  std::string kind;
  std::string name;
  std::string before = {};  // as AuditRecord has it
  std::string after = {};
};

// `records`: all later than the earlier revision and not later than the later one, newest first.
// Ascending by kind and name; what came back to what it was is no difference.
std::vector<RevisionDifference> DifferencesOf(const std::vector<AuditRecord>& records);

struct Restoration {
  StoreChange change;
  std::vector<std::string> skipped;  // "key `app`: keys are not brought back", a sentence each
};

// `records`: all later than the revision to be restored, newest first.
Restoration RestorationOf(const std::vector<AuditRecord>& records, const Snapshot& current);

}  // namespace moerge
