#include "registry/sqlite/audit_rows.h"

#include <limits>
#include <string>

namespace moerge::sqlite {
namespace {

AuditRecord ReadAudit(const Query& query) {
  AuditRecord record;
  record.id = query.Int(0);
  record.time = query.Time(1);
  record.revision = static_cast<std::uint64_t>(query.Int(2));
  record.by.who = query.Text(3);
  record.by.through = query.Text(4);
  record.by.request_id = query.Text(5);
  record.action = query.Text(6);
  record.kind = query.Text(7);
  record.name = query.Text(8);
  record.before = query.Text(9);
  record.after = query.Text(10);
  return record;
}

}  // namespace

Status AddAudit(Database& database, const std::vector<AuditRecord>& records) {
  if (records.empty()) return Ok{};
  Query query = database.Use(
      "INSERT INTO audit (time, revision, who, through, request_id, action, kind, name, before,"
      " after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const AuditRecord& one : records) {
    query.Bind(one.time).Bind(static_cast<std::int64_t>(one.revision)).Bind(one.by.who);
    query.Bind(one.by.through).Bind(one.by.request_id).Bind(one.action).Bind(one.kind);
    query.Bind(one.name).Bind(one.before).Bind(one.after);
    if (Status done = query.Run(); !done.ok()) return done;
  }
  return Ok{};
}

// Changes are few beside requests: from the newest on, each is looked at.
Result<std::vector<AuditRecord>> ListAudit(Database& database, const AuditFilter& filter) {
  const std::int64_t from =
      filter.before_id > 0 ? filter.before_id : std::numeric_limits<std::int64_t>::max();
  Query query = database.Use(
      "SELECT seq, time, revision, who, through, request_id, action, kind, name, before, after"
      " FROM audit WHERE seq < ? ORDER BY seq DESC");
  query.Bind(from);
  std::vector<AuditRecord> page;
  while (page.size() < static_cast<std::size_t>(filter.limit)) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return page;
    AuditRecord record = ReadAudit(query);
    if (record.revision <= filter.after_revision) return page;  // and so are all older ones
    if (Matches(filter, record)) page.push_back(std::move(record));
  }
  return page;
}

}  // namespace moerge::sqlite
