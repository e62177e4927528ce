#include "registry/audit.h"

namespace moerge {

bool Matches(const AuditFilter& filter, const AuditRecord& record) {
  const auto same = [](const std::optional<std::string>& wanted, const std::string& value) {
    return !wanted.has_value() || *wanted == value;
  };
  return same(filter.who, record.by.who) && same(filter.kind, record.kind) &&
         same(filter.name, record.name) && same(filter.action, record.action) &&
         (!filter.revision || *filter.revision == record.revision) &&
         record.revision > filter.after_revision &&
         (!filter.before_revision || record.revision < *filter.before_revision) &&
         (!filter.since || record.time >= *filter.since) &&
         (!filter.until || record.time <= *filter.until);
}

}  // namespace moerge
