#include "registry/sqlite/decision_rows.h"

#include <algorithm>
#include <string>

#include "registry/decision_filter.h"
#include "registry/sqlite/decision_block.h"
#include "registry/sqlite/decision_packing.h"
#include "registry/sqlite/old_decisions.h"
#include "registry/sqlite/schema.h"
#include "registry/sqlite/usage_rows.h"

namespace moerge::sqlite {
namespace {

constexpr std::int64_t kDropStep = 1'000;  // rows per transaction

constexpr const char* kDecisionColumns =
    "SELECT id, time, request_id, policy, expert, skill, outcome, status, client, prompt_tokens, "
    "completion_tokens, cost_usd, latency_ms, calls";

DecisionRecord ReadDecision(const Query& query, bool with_json) {
  DecisionRecord record;
  record.id = query.Text(0);
  record.time = query.Time(1);
  record.request_id = query.Text(2);
  record.policy = query.Text(3);
  record.expert = query.Text(4);
  record.skill = query.Text(5);
  record.outcome = query.Text(6);
  record.status = static_cast<int>(query.Int(7));
  record.client = query.Text(8);
  record.prompt_tokens = query.Int(9);
  record.completion_tokens = query.Int(10);
  record.cost_usd = query.Real(11);
  record.latency_ms = query.Real(12);
  record.calls = query.Int(13);
  if (with_json) record.json = UnpackJson(query.Text(14));
  return record;
}

std::string SelectSql(bool with_json, const char* where) {
  return std::string(kDecisionColumns) + (with_json ? ", body" : "") + " FROM decision_log WHERE " +
         where;
}

// The place of a decision in the order of lists, or 0.
Result<std::int64_t> PlaceOf(Database& database, std::string_view id) {
  Query query = database.Use("SELECT max(seq) FROM decision_log WHERE id = ?");
  const Result<bool> row = query.Bind(id).Step();
  if (!row.ok()) return row.error();
  return *row ? query.Int(0) : 0;
}

// Of the newest decision, an older moerge's included; 0: there is none.
Result<std::int64_t> NewestPlace(Database& database) {
  const auto newest = database.Number("SELECT max(seq) FROM decision_log");
  if (!newest.ok() || *newest > 0) return newest;
  return NewestOldPlace(database);
}

Error DamagedBlock(const Database& database) {
  return Error{ErrorCode::kInternal, "the store `" + database.path() +
                                         "` is damaged: a block of decisions cannot be read"};
}

Status PutBlock(Database& database, std::int64_t block, const DecisionBlock& content) {
  const std::string bytes = content.Encode();
  return database.Use("INSERT OR REPLACE INTO decision_blocks VALUES (?, ?, ?, ?)")
      .Bind(block)
      .Bind(content.oldest())
      .Bind(content.newest())
      .BindBlob(bytes)
      .Run();
}

// The block that `seq` goes into, to be added to. None: what is there is damaged.
Result<std::optional<DecisionBlock>> BlockFor(Database& database, std::int64_t seq) {
  DecisionBlock content(seq);
  Query query = database.Use("SELECT oldest, newest, columns FROM decision_blocks WHERE block = ?");
  const Result<bool> row = query.Bind(BlockOf(seq)).Step();
  if (!row.ok()) return row.error();
  if (!*row) return std::optional(std::move(content));
  if (!content.Decode(query.Text(2))) return std::optional<DecisionBlock>();
  content.SetTimes(query.Time(0), query.Time(1));
  return std::optional(std::move(content));
}

// REQUIRES: the rows are there.
Status AddToBlocks(Database& database, std::int64_t seq,
                   const std::vector<DecisionRecord>& decisions) {
  for (std::size_t i = 0; i < decisions.size();) {
    const std::int64_t block = BlockOf(seq);
    auto content = BlockFor(database, seq);
    if (!content.ok()) return std::move(content).error();
    for (; i < decisions.size() && BlockOf(seq) == block; ++i, ++seq) {
      if (*content) (*content)->Add(seq, decisions[i]);
    }
    const Status put =
        *content ? PutBlock(database, block, **content) : RebuildBlock(database, block);
    if (!put.ok()) return put;
  }
  return Ok{};
}

bool HasCondition(const DecisionFilter& filter) {
  return filter.policy || filter.expert || filter.skill || filter.outcome || filter.client ||
         filter.status || filter.since || filter.until;
}

// The newest decisions before `before`, whatever they are.
Result<std::vector<DecisionRecord>> ListAll(Database& database, const DecisionFilter& filter,
                                            std::int64_t before) {
  Query query = database.Use(SelectSql(filter.with_json, "seq < ? ORDER BY seq DESC LIMIT ?"));
  query.Bind(before).Bind(static_cast<std::int64_t>(PageSize(filter)));
  std::vector<DecisionRecord> page;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return page;
    page.push_back(ReadDecision(query, filter.with_json));
  }
}

// Appends those of `places` that are there and match.
Status AppendMatching(Database& database, const DecisionFilter& filter,
                      const std::vector<std::int64_t>& places, std::vector<DecisionRecord>* page) {
  Query query = database.Use(SelectSql(filter.with_json, "seq = ?"));
  for (const std::int64_t seq : places) {
    if (page->size() == PageSize(filter)) return Ok{};
    const Result<bool> row = query.Bind(seq).Step();
    if (!row.ok()) return row.error();
    if (*row) {
      DecisionRecord record = ReadDecision(query, filter.with_json);
      if (Matches(filter, record)) page->push_back(std::move(record));
    }
    if (Status done = query.Run(); !done.ok()) return done;
  }
  return Ok{};
}

Result<std::vector<DecisionRecord>> ListMatching(Database& database, const DecisionFilter& filter,
                                                 std::int64_t before) {
  Query blocks = database.Use(
      "SELECT columns FROM decision_blocks WHERE block <= ? AND newest >= ? AND oldest <= ? "
      "ORDER BY block DESC");
  blocks.Bind(BlockOf(before)).Bind(filter.since.value_or(WallTime::min()));
  blocks.Bind(filter.until.value_or(WallTime::max()));
  const bool timed = filter.since || filter.until;  // blocks know times roughly
  std::vector<DecisionRecord> page;
  std::vector<std::int64_t> places;
  while (page.size() < PageSize(filter)) {
    const Result<bool> row = blocks.Step();
    if (!row.ok()) return row.error();
    if (!*row) break;
    places.clear();
    const std::size_t most = timed ? kBlockRows : PageSize(filter) - page.size();
    if (!FindInBlock(blocks.Text(0), filter, before, most, &places)) {
      return DamagedBlock(database);
    }
    Status appended = AppendMatching(database, filter, places, &page);
    if (!appended.ok()) return std::move(appended).error();
  }
  return page;
}

// The first row of a time, by the blocks: rows come in nearly by time.
Result<std::int64_t> FirstSince(Database& database, WallTime time) {
  Query blocks =
      database.Use("SELECT block FROM decision_blocks WHERE newest >= ? ORDER BY block LIMIT 1");
  const Result<bool> block = blocks.Bind(time).Step();
  if (!block.ok()) return block.error();
  if (!*block) return 0;
  Query rows = database.Use(
      "SELECT seq FROM decision_log WHERE seq >= ? AND time >= ? ORDER BY seq LIMIT 1");
  const Result<bool> row = rows.Bind(blocks.Int(0) * kBlockRows).Bind(time).Step();
  if (!row.ok()) return row.error();
  return *row ? rows.Int(0) : 0;
}

}  // namespace

Status AddDecisionRows(Database& database, std::int64_t first,
                       const std::vector<DecisionRecord>& decisions) {
  Query query = database.Use(
      "INSERT INTO decision_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  std::string body;
  for (const DecisionRecord& one : decisions) {
    PackJson(one.json, &body);
    query.Bind(first++).Bind(one.id).Bind(one.time).Bind(one.request_id).Bind(one.policy);
    query.Bind(one.expert).Bind(one.skill).Bind(one.outcome);
    query.Bind(static_cast<std::int64_t>(one.status)).Bind(one.client);
    query.Bind(one.prompt_tokens).Bind(one.completion_tokens).Bind(one.cost_usd);
    query.Bind(one.latency_ms).Bind(one.calls).BindBlob(body);
    if (Status done = query.Run(); !done.ok()) return done;
  }
  return Ok{};
}

Status AddDecisions(Database& database, const std::vector<DecisionRecord>& decisions) {
  const auto newest = NewestPlace(database);
  if (!newest.ok()) return newest.error();
  Status s = AddDecisionRows(database, *newest + 1, decisions);
  if (s.ok()) s = AddToBlocks(database, *newest + 1, decisions);
  if (s.ok()) s = AddUsage(database, decisions);
  return s;
}

Status RebuildBlock(Database& database, std::int64_t block) {
  Query query = database.Use(std::string(kDecisionColumns) +
                             ", seq FROM decision_log WHERE seq >= ? AND seq < ? ORDER BY seq");
  query.Bind(block * kBlockRows).Bind((block + 1) * kBlockRows);
  std::optional<DecisionBlock> content;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) break;
    const std::int64_t seq = query.Int(14);
    if (!content) content.emplace(seq);
    content->Add(seq, ReadDecision(query, false));
  }
  return content ? PutBlock(database, block, *content) : Status(Ok{});
}

Result<std::vector<DecisionRecord>> ListDecisions(Database& database,
                                                  const DecisionFilter& filter) {
  ReadTransaction one_moment(database);
  if (Status begun = one_moment.Begin(); !begun.ok()) return begun.error();
  std::int64_t before = INT64_MAX;
  if (!filter.before_id.empty()) {
    const auto found = PlaceOf(database, filter.before_id);
    if (!found.ok()) return found.error();
    if (*found == 0) return NoSuchPage(filter.before_id);
    before = *found;
  }
  return HasCondition(filter) ? ListMatching(database, filter, before)
                              : ListAll(database, filter, before);
}

Result<std::optional<DecisionRecord>> GetDecision(Database& database, std::string_view id) {
  Query query = database.Use(SelectSql(true, "id = ? ORDER BY seq DESC LIMIT 1"));
  const Result<bool> row = query.Bind(id).Step();
  if (!row.ok()) return row.error();
  if (*row) return std::optional(ReadDecision(query, true));
  return GetOldDecision(database, id);
}

Status AddUsagePercentiles(Database& database, const UsageFilter& filter,
                           std::vector<UsageRow>* rows) {
  if (rows->empty()) return Ok{};
  Query blocks =
      database.Use("SELECT columns FROM decision_blocks WHERE newest >= ? AND oldest <= ?");
  // Of whole hours, and of the newest rows alone.
  blocks.Bind(std::max(StartOfHour(HourOf(filter.since)), rows->back().start));
  blocks.Bind(rows->front().start + std::chrono::hours(filter.per_day ? 24 : 1));
  TimesByGroup times;
  while (true) {
    const Result<bool> row = blocks.Step();
    if (!row.ok()) return row.error();
    if (!*row) break;
    if (!AddTimesOf(blocks.Text(0), filter, &times)) return DamagedBlock(database);
  }
  AddPercentiles(times, rows);
  return Ok{};
}

Result<std::int64_t> LastToDrop(Database& database, const DecisionRetention& keep, WallTime now) {
  const auto newest = database.Number("SELECT max(seq) FROM decision_log");
  if (!newest.ok()) return newest;
  const auto first = FirstSince(database, OldestKept(keep, now));
  if (!first.ok()) return first;
  const std::int64_t too_old = *first > 0 ? *first - 1 : *newest;
  return std::max(too_old, *newest - std::max<std::int64_t>(keep.max_count, 0));
}

Result<bool> DropDecisions(Database& database, std::int64_t last) {
  const auto first = database.Number("SELECT min(seq) FROM decision_log");
  if (!first.ok()) return first.error();
  if (*first == 0 || *first > last) return false;
  const std::int64_t to = std::min(last, *first - 1 + kDropStep);
  Transaction transaction(database);
  Status s = BeginWrite(database, &transaction);
  if (s.ok()) s = database.Use("DELETE FROM decision_log WHERE seq <= ?").Bind(to).Run();
  // Numbers begin again when there is no row, so then no block may stay either.
  constexpr const char* kDropBlocks =
      "DELETE FROM decision_blocks WHERE block < ? OR NOT EXISTS (SELECT 1 FROM decision_log)";
  if (s.ok()) s = database.Use(kDropBlocks).Bind(BlockOf(to + 1)).Run();
  if (s.ok()) s = transaction.Commit();
  if (!s.ok()) return std::move(s).error();
  return to < last;
}

}  // namespace moerge::sqlite
