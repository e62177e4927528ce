#include "registry/sqlite/decision_rows.h"

#include <algorithm>
#include <string>

#include "registry/decision_filter.h"
#include "registry/decision_pieces.h"

namespace moerge::sqlite {
namespace {

constexpr std::int64_t kTrimStep = 5'000;  // rows per transaction

constexpr const char* kSelect =
    "SELECT d.id, d.time, b.request_id, d.policy, d.expert, d.skill, d.outcome, b.json "
    "FROM decisions d CROSS JOIN decision_bodies b ON b.seq = d.seq WHERE ";

DecisionRecord ReadDecision(const Query& query) {
  DecisionRecord record;
  record.id = query.Text(0);
  record.time = query.Time(1);
  record.request_id = query.Text(2);
  record.policy = query.Text(3);
  record.expert = query.Text(4);
  record.skill = query.Text(5);
  record.outcome = query.Text(6);
  record.json = Unpacked(query.Text(7));
  return record;
}

std::string ListSql(const DecisionFilter& filter) {
  std::string sql = kSelect;
  sql += "d.seq < ?";
  if (filter.policy) sql += " AND d.policy = ?";
  if (filter.expert) sql += " AND d.expert = ?";
  if (filter.skill) sql += " AND d.skill = ?";
  if (filter.outcome) sql += " AND d.outcome = ?";
  if (filter.since) sql += " AND d.time >= ?";
  if (filter.until) sql += " AND d.time <= ?";
  return sql + " ORDER BY d.seq DESC LIMIT ?";
}

void BindFilter(const DecisionFilter& filter, std::int64_t before, Query* query) {
  query->Bind(before);
  for (const auto* text : {&filter.policy, &filter.expert, &filter.skill, &filter.outcome}) {
    if (text->has_value()) query->Bind(**text);
  }
  if (filter.since) query->Bind(*filter.since);
  if (filter.until) query->Bind(*filter.until);
  query->Bind(static_cast<std::int64_t>(PageSize(filter)));
}

// The place of a decision in the order of lists, or 0.
Result<std::int64_t> Find(Database& database, std::string_view id) {
  Query query = database.Use("SELECT seq FROM decisions WHERE id = ? ORDER BY seq DESC LIMIT 1");
  const Result<bool> row = query.Bind(id).Step();
  if (!row.ok()) return row.error();
  return *row ? query.Int(0) : 0;
}

Status DeleteUpTo(Database& database, const std::string& table, std::int64_t last) {
  return database.Use("DELETE FROM " + table + " WHERE seq <= ?").Bind(last).Run();
}

Result<std::int64_t> LastToDrop(Database& database, const DecisionRetention& keep, WallTime now) {
  const auto newest = database.Number("SELECT max(seq) FROM decisions");
  if (!newest.ok()) return newest;
  // Rows come in nearly by time, so the old ones are those in front of the first young one.
  Query query = database.Use("SELECT seq FROM decisions WHERE time >= ? ORDER BY seq LIMIT 1");
  const Result<bool> row = query.Bind(OldestKept(keep, now)).Step();
  if (!row.ok()) return row.error();
  const std::int64_t too_old = *row ? query.Int(0) - 1 : *newest;
  return std::max(too_old, *newest - std::max<std::int64_t>(keep.max_count, 0));
}

}  // namespace

Status AddDecisions(Database& database, const std::vector<DecisionRecord>& decisions) {
  const auto newest = database.Number("SELECT max(seq) FROM decisions");
  if (!newest.ok()) return newest.error();
  std::int64_t seq = *newest;
  Query head = database.Use("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?)");
  Query body = database.Use("INSERT INTO decision_bodies VALUES (?, ?, ?)");
  for (const DecisionRecord& one : decisions) {
    head.Bind(++seq).Bind(one.id).Bind(one.time).Bind(one.policy);
    head.Bind(one.expert).Bind(one.skill).Bind(one.outcome);
    if (Status done = head.Run(); !done.ok()) return done;
    if (Status done = body.Bind(seq).Bind(one.request_id).Bind(one.json).Run(); !done.ok()) {
      return done;
    }
  }
  return Ok{};
}

Result<std::vector<DecisionRecord>> ListDecisions(Database& database,
                                                  const DecisionFilter& filter) {
  std::int64_t before = INT64_MAX;
  if (!filter.before_id.empty()) {
    const auto found = Find(database, filter.before_id);
    if (!found.ok()) return found.error();
    if (*found == 0) return NoSuchPage(filter.before_id);
    before = *found;
  }
  Query query = database.Use(ListSql(filter));
  BindFilter(filter, before, &query);
  std::vector<DecisionRecord> page;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return page;
    page.push_back(ReadDecision(query));
  }
}

Result<std::optional<DecisionRecord>> GetDecision(Database& database, std::string_view id) {
  const auto seq = Find(database, id);
  if (!seq.ok()) return seq.error();
  Query query = database.Use(std::string(kSelect) + "d.seq = ?");
  const Result<bool> row = query.Bind(*seq).Step();
  if (!row.ok()) return row.error();
  return *row ? std::optional(ReadDecision(query)) : std::nullopt;
}

Status TrimDecisions(Database& database, const DecisionRetention& keep, WallTime now) {
  const auto last = LastToDrop(database, keep, now);
  if (!last.ok()) return last.error();
  const auto first = database.Number("SELECT min(seq) FROM decisions");
  if (!first.ok()) return first.error();
  for (std::int64_t at = *first - 1; at<*last&& * first> 0;) {
    at = std::min(at + kTrimStep, *last);
    Transaction transaction(database);
    if (Status s = transaction.Begin(); !s.ok()) return s;
    if (Status s = DeleteUpTo(database, "decisions", at); !s.ok()) return s;
    if (Status s = DeleteUpTo(database, "decision_bodies", at); !s.ok()) return s;
    if (Status s = transaction.Commit(); !s.ok()) return s;
  }
  return Ok{};
}

}  // namespace moerge::sqlite
