#include "registry/sqlite/old_decisions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/base/json.h"
#include "registry/decision_filter.h"
#include "registry/sqlite/decision_block.h"
#include "registry/sqlite/decision_packing.h"
#include "registry/sqlite/decision_rows.h"
#include "registry/sqlite/schema.h"
#include "registry/sqlite/usage_rows.h"

namespace moerge::sqlite {
namespace {

constexpr const char* kSelectOld =
    "SELECT d.seq, d.id, d.time, b.request_id, d.policy, d.expert, d.skill, d.outcome, b.json "
    "FROM decisions d CROSS JOIN decision_bodies b ON b.seq = d.seq WHERE ";

constexpr const char* kDropOld = "DROP TABLE decisions; DROP TABLE decision_bodies;";

Result<bool> HasOld(Database& database) {
  const auto tables = database.Number(
      "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'decisions'");
  if (!tables.ok()) return tables.error();
  return *tables > 0;
}

int StatusOf(const DecisionRecord& record) {
  if (record.outcome == "ok" || record.outcome == "dry_run") return 200;
  return record.outcome == "cancelled" ? 499 : 0;
}

// What has a column of its own today.
void TakeFromJson(DecisionRecord* record) {
  record->status = StatusOf(*record);
  const auto document = json::Document::Parse(record->json);
  if (!document.ok()) return;
  const json::Value root = document->root();
  record->prompt_tokens = root.Find("usage").Find("prompt_tokens").AsInt().value_or(0);
  record->completion_tokens = root.Find("usage").Find("completion_tokens").AsInt().value_or(0);
  record->cost_usd = root.Find("cost_usd").AsDouble().value_or(0);
  record->latency_ms = root.Find("timings").Find("total_ms").AsDouble().value_or(0);
  record->calls = static_cast<std::int64_t>(root.Find("attempts").size());
}

DecisionRecord ReadOld(const Query& query) {
  DecisionRecord record;
  record.id = query.Text(1);
  record.time = query.Time(2);
  record.request_id = query.Text(3);
  record.policy = query.Text(4);
  record.expert = query.Text(5);
  record.skill = query.Text(6);
  record.outcome = query.Text(7);
  record.json = UnpackJson(query.Text(8));
  TakeFromJson(&record);
  return record;
}

struct OldRow {
  std::int64_t seq;
  DecisionRecord record;
};

// Those of the newest block, ascending.
Result<std::vector<OldRow>> ReadBlock(Database& database, std::int64_t newest) {
  Query query = database.Use(std::string(kSelectOld) + "d.seq >= ? ORDER BY d.seq");
  query.Bind(BlockOf(newest) * kBlockRows);
  std::vector<OldRow> rows;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return rows;
    rows.push_back({query.Int(0), ReadOld(query)});
  }
}

Status MoveRows(Database& database, const std::vector<OldRow>& rows, std::int64_t block) {
  std::vector<DecisionRecord> one(1);
  std::vector<DecisionRecord> all;
  for (const OldRow& row : rows) {
    one[0] = row.record;
    if (Status added = AddDecisionRows(database, row.seq, one); !added.ok()) return added;
    all.push_back(std::move(one[0]));
  }
  const std::int64_t first = block * kBlockRows;
  Status s = AddUsage(database, all);
  if (s.ok()) s = RebuildBlock(database, block);
  if (s.ok()) s = database.Use("DELETE FROM decisions WHERE seq >= ?").Bind(first).Run();
  if (s.ok()) s = database.Use("DELETE FROM decision_bodies WHERE seq >= ?").Bind(first).Run();
  return s;
}

// Whether the newest of the old decisions is too old or one too many.
Result<bool> AllTooOld(Database& database, std::int64_t newest_old, const DecisionRetention& keep,
                       WallTime now) {
  const auto newest = database.Number("SELECT max(seq) FROM decision_log");
  if (!newest.ok()) return newest.error();
  const std::int64_t last = std::max(*newest, newest_old);
  if (newest_old <= last - std::max<std::int64_t>(keep.max_count, 0)) return true;
  Query query = database.Use("SELECT time FROM decisions WHERE seq = ?");
  const Result<bool> row = query.Bind(newest_old).Step();
  if (!row.ok()) return row.error();
  return *row && query.Time(0) < OldestKept(keep, now);
}

}  // namespace

Result<std::int64_t> NewestOldPlace(Database& database) {
  const Result<bool> there = HasOld(database);
  if (!there.ok()) return there.error();
  return *there ? database.Number("SELECT max(seq) FROM decisions") : std::int64_t{0};
}

Result<std::optional<DecisionRecord>> GetOldDecision(Database& database, std::string_view id) {
  const Result<bool> there = HasOld(database);
  if (!there.ok()) return there.error();
  if (!*there) return std::optional<DecisionRecord>();
  Query query = database.Use(std::string(kSelectOld) + "d.id = ? ORDER BY d.seq DESC LIMIT 1");
  const Result<bool> row = query.Bind(id).Step();
  if (!row.ok()) return row.error();
  return *row ? std::optional(ReadOld(query)) : std::nullopt;
}

Result<bool> MoveOldDecisions(Database& database, const DecisionRetention& keep, WallTime now) {
  const Result<bool> there = HasOld(database);
  if (!there.ok() || !*there) return there;
  Transaction transaction(database);
  if (Status begun = BeginWrite(database, &transaction); !begun.ok()) return begun.error();
  const auto newest = NewestOldPlace(database);
  if (!newest.ok()) return newest.error();
  const Result<bool> useless = AllTooOld(database, *newest, keep, now);
  if (!useless.ok()) return useless;
  Status s = Ok{};
  const bool done = *newest == 0 || *useless;
  if (done) {
    s = database.Execute(kDropOld);
  } else {
    const auto rows = ReadBlock(database, *newest);
    if (!rows.ok()) return rows.error();
    s = MoveRows(database, *rows, BlockOf(*newest));
  }
  if (s.ok()) s = transaction.Commit();
  if (!s.ok()) return std::move(s).error();
  return !done;
}

}  // namespace moerge::sqlite
