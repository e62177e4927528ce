#include "registry/sqlite/old_usage.h"

#include <deque>
#include <string>
#include <vector>

#include "registry/sqlite/schema.h"
#include "registry/sqlite/usage_rows.h"

namespace moerge::sqlite {
namespace {

constexpr const char* kDropOldUsage = "DROP TABLE usage; DROP TABLE usage_sums;";

Result<UsagePart> ReadHour(Database& database, std::int64_t hour) {
  Query query = database.Use(
      "SELECT client, policy, expert, skill, requests, errors, cancelled, prompt_tokens, "
      "completion_tokens, cost_usd, latency_ms, calls FROM usage WHERE hour = ?");
  query.Bind(hour);
  std::deque<std::string> texts;
  std::vector<UsagePart::Entry> entries;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return UsagePart(entries);
    UsagePart::Entry entry;
    for (int column = 0; column < static_cast<int>(UsagePart::kColumns); ++column) {
      entry.values[static_cast<std::size_t>(column)] = texts.emplace_back(query.Text(column));
    }
    entry.sums = {query.Int(4), query.Int(5),  query.Int(6),   query.Int(7),
                  query.Int(8), query.Real(9), query.Real(10), query.Int(11)};
    entries.push_back(entry);
  }
}

Status MoveHour(Database& database, std::int64_t hour) {
  Result<UsagePart> part = ReadHour(database, hour);
  if (!part.ok()) return part.error();
  if (Status added = AddUsagePart(database, hour, *std::move(part)); !added.ok()) return added;
  return database.Use("DELETE FROM usage WHERE hour = ?").Bind(hour).Run();
}

}  // namespace

Result<bool> MoveOldUsage(Database& database) {
  const auto there =
      database.Number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'usage'");
  if (!there.ok()) return there.error();
  if (*there == 0) return false;
  Transaction transaction(database);
  if (Status begun = BeginWrite(database, &transaction); !begun.ok()) return begun.error();
  Status s = Ok{};
  bool more = false;
  {
    Query newest = database.Use("SELECT hour FROM usage ORDER BY hour DESC LIMIT 1");
    const Result<bool> row = newest.Step();
    if (!row.ok()) return row.error();
    more = *row;
    const std::int64_t hour = more ? newest.Int(0) : 0;
    s = newest.Run();
    if (s.ok() && more) s = MoveHour(database, hour);
  }
  if (s.ok() && !more) s = database.Execute(kDropOldUsage);
  if (s.ok()) s = transaction.Commit();
  if (!s.ok()) return std::move(s).error();
  return more;
}

}  // namespace moerge::sqlite
