#include "registry/sqlite/usage_rows.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "registry/decision_filter.h"

namespace moerge::sqlite {
namespace {

constexpr std::array kUsageGroups = {UsageGroup::kAll, UsageGroup::kPolicy, UsageGroup::kExpert,
                                     UsageGroup::kSkill, UsageGroup::kClient};

constexpr const char* kUpsertEnd =
    " DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors, "
    "cancelled = cancelled + excluded.cancelled, "
    "prompt_tokens = prompt_tokens + excluded.prompt_tokens, "
    "completion_tokens = completion_tokens + excluded.completion_tokens, "
    "cost_usd = cost_usd + excluded.cost_usd, latency_ms = latency_ms + excluded.latency_ms, "
    "calls = calls + excluded.calls";

std::string_view ColumnOf(UsageGroup group) {
  switch (group) {
    case UsageGroup::kAll: return "''";
    case UsageGroup::kPolicy: return "policy";
    case UsageGroup::kExpert: return "expert";
    case UsageGroup::kSkill: return "skill";
    case UsageGroup::kClient: return "client";
  }
  return "''";
}

Query& BindSums(const UsageSums& sums, Query* query) {
  return query->Bind(sums.requests)
      .Bind(sums.errors)
      .Bind(sums.cancelled)
      .Bind(sums.prompt_tokens)
      .Bind(sums.completion_tokens)
      .Bind(sums.cost_usd)
      .Bind(sums.latency_ms)
      .Bind(sums.calls);
}

// By all columns. Views are of the records.
using CellKey = std::tuple<std::int64_t, std::string_view, std::string_view, std::string_view,
                           std::string_view>;

Status AddCells(Database& database, const std::map<CellKey, UsageSums>& cells) {
  Query query = database.Use(
      std::string("INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
                  "(hour, policy, expert, skill, client)") +
      kUpsertEnd);
  for (const auto& [key, sums] : cells) {
    const auto& [hour, policy, expert, skill, client] = key;
    query.Bind(hour).Bind(policy).Bind(expert).Bind(skill).Bind(client);
    if (Status done = BindSums(sums, &query).Run(); !done.ok()) return done;
  }
  return Ok{};
}

// By group, hour and value.
using SumKey = std::tuple<std::int64_t, std::int64_t, std::string_view>;

Status AddSums(Database& database, const std::map<SumKey, UsageSums>& all) {
  Query query = database.Use(
      std::string("INSERT INTO usage_sums VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
                  "(kind, hour, value)") +
      kUpsertEnd);
  for (const auto& [key, sums] : all) {
    const auto& [kind, hour, value] = key;
    query.Bind(kind).Bind(hour).Bind(value);
    if (Status done = BindSums(sums, &query).Run(); !done.ok()) return done;
  }
  return Ok{};
}

struct Wanted {
  UsageGroup group;
  const std::optional<std::string>& value;
};

std::array<Wanted, 4> WantedOf(const UsageFilter& filter) {
  return {{{UsageGroup::kPolicy, filter.policy},
           {UsageGroup::kExpert, filter.expert},
           {UsageGroup::kSkill, filter.skill},
           {UsageGroup::kClient, filter.client}}};
}

// The one column that the question is about, if the sums by that alone answer it.
std::optional<UsageGroup> OnlyColumn(const UsageFilter& filter) {
  UsageGroup only = filter.group;
  for (const Wanted& each : WantedOf(filter)) {
    if (!each.value || each.group == only) continue;
    if (only != UsageGroup::kAll) return std::nullopt;
    only = each.group;
  }
  return only;
}

std::string SumsSql(const UsageFilter& filter, std::optional<UsageGroup> only) {
  std::string sql =
      filter.per_day ? "SELECT hour - hour % 24 AS start, " : "SELECT hour AS start, ";
  if (filter.group == UsageGroup::kAll) {
    sql += "''";
  } else {
    sql += only ? "value" : ColumnOf(filter.group);
  }
  sql +=
      " AS grouped, sum(requests), sum(errors), sum(cancelled), sum(prompt_tokens), "
      "sum(completion_tokens), sum(cost_usd), sum(latency_ms), sum(calls) FROM ";
  sql += only ? "usage_sums WHERE kind = ? AND hour BETWEEN ? AND ?"
              : "usage WHERE hour BETWEEN ? AND ?";
  for (const Wanted& each : WantedOf(filter)) {
    if (!each.value) continue;
    sql += " AND " + std::string(only ? "value" : ColumnOf(each.group)) + " = ?";
  }
  return sql + " GROUP BY start, grouped ORDER BY start DESC, grouped LIMIT ?";
}

UsageRow ReadUsage(const Query& query) {
  UsageRow row;
  row.start = StartOfHour(query.Int(0));
  row.value = query.Text(1);
  row.sums = {query.Int(2), query.Int(3),  query.Int(4),  query.Int(5),
              query.Int(6), query.Real(7), query.Real(8), query.Int(9)};
  return row;
}

}  // namespace

Status AddUsage(Database& database, const std::vector<DecisionRecord>& decisions) {
  std::map<CellKey, UsageSums> cells;
  for (const DecisionRecord& one : decisions) {
    AddTo(SumsOf(one), &cells[{HourOf(one.time), one.policy, one.expert, one.skill, one.client}]);
  }
  std::map<SumKey, UsageSums> sums;
  for (const auto& [key, more] : cells) {
    const auto& [hour, policy, expert, skill, client] = key;
    const std::string_view values[] = {{}, policy, expert, skill, client};
    for (std::size_t i = 0; i < kUsageGroups.size(); ++i) {
      AddTo(more, &sums[{static_cast<std::int64_t>(kUsageGroups[i]), hour, values[i]}]);
    }
  }
  if (Status added = AddCells(database, cells); !added.ok()) return added;
  return AddSums(database, sums);
}

Result<std::vector<UsageRow>> ListUsage(Database& database, const UsageFilter& filter) {
  const auto only = OnlyColumn(filter);
  Query query = database.Use(SumsSql(filter, only));
  if (only) query.Bind(static_cast<std::int64_t>(*only));
  query.Bind(HourOf(filter.since)).Bind(HourOf(filter.until));
  for (const Wanted& each : WantedOf(filter)) {
    if (each.value) query.Bind(*each.value);
  }
  query.Bind(static_cast<std::int64_t>(UsageRows(filter)));
  std::vector<UsageRow> rows;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return rows;
    rows.push_back(ReadUsage(query));
  }
}

Status TrimUsage(Database& database, WallTime now) {
  const std::int64_t oldest = HourOf(now - kUsageKept);
  Query cells = database.Use("DELETE FROM usage WHERE hour < ?");
  if (Status done = cells.Bind(oldest).Run(); !done.ok()) return done;
  Query sums = database.Use("DELETE FROM usage_sums WHERE kind = ? AND hour < ?");
  for (const UsageGroup group : kUsageGroups) {
    const auto kind = static_cast<std::int64_t>(group);
    if (Status done = sums.Bind(kind).Bind(oldest).Run(); !done.ok()) return done;
  }
  return Ok{};
}

}  // namespace moerge::sqlite
