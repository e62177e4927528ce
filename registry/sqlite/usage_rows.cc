#include "registry/sqlite/usage_rows.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "registry/decision_filter.h"

namespace moerge::sqlite {
namespace {

constexpr std::int64_t kPlaces = 1024;  // of an hour, far more than it has parts

std::int64_t FirstPlace(std::int64_t hour) { return hour * kPlaces; }
std::int64_t HourOfPlace(std::int64_t place) { return place >> 10; }
static_assert(kPlaces == 1 << 10);

Error DamagedUsage(const Database& database) {
  return Error{ErrorCode::kInternal,
               "the store `" + database.path() + "` is damaged: sums of usage cannot be read"};
}

enum class JoinParts { kSmall, kAll };

// Takes the newest parts of an hour into `part`: all, or those that are not much larger, since more
// would be written for nothing again and again. Gives the place for `part`.
Result<std::int64_t> JoinNewest(Database& database, std::int64_t hour, JoinParts which,
                                UsagePart* part) {
  Query newest = database.Use(
      "SELECT place, cells, head, body FROM usage_parts WHERE place >= ? AND place < ? "
      "ORDER BY place DESC LIMIT 1");
  Query drop = database.Use("DELETE FROM usage_parts WHERE place = ?");
  while (true) {
    const Result<bool> row = newest.Bind(FirstPlace(hour)).Bind(FirstPlace(hour + 1)).Step();
    if (!row.ok()) return row.error();
    if (!*row) return FirstPlace(hour);
    const std::int64_t place = newest.Int(0);
    const bool small = newest.Int(1) <= 2 * static_cast<std::int64_t>(part->cells());
    const bool last = place + 1 == FirstPlace(hour + 1);
    UsagePart before;
    // What is damaged stays as it is, for questions to say so.
    if (!(small || last || which == JoinParts::kAll) ||
        !before.Decode(newest.Text(2), newest.Text(3))) {
      return place + 1;
    }
    part->Add(before);
    if (Status done = newest.Run(); !done.ok()) return done.error();
    if (Status done = drop.Bind(place).Run(); !done.ok()) return done.error();
  }
}

Status PutPart(Database& database, std::int64_t place, const UsagePart& part) {
  std::string head;
  std::string body;
  part.Encode(&head, &body);
  return database.Use("INSERT INTO usage_parts VALUES (?, ?, ?, ?)")
      .Bind(place)
      .Bind(static_cast<std::int64_t>(part.cells()))
      .BindBlob(head)
      .BindBlob(body)
      .Run();
}

void MoveInto(std::int64_t start, UsageByValue* sums, std::vector<UsageRow>* rows) {
  while (!sums->empty()) {
    auto first = sums->extract(sums->begin());
    rows->push_back({StartOfHour(start), std::move(first.key()), first.mapped()});
  }
}

}  // namespace

Status AddUsage(Database& database, const std::vector<DecisionRecord>& decisions) {
  std::map<std::int64_t, std::vector<UsagePart::Entry>> hours;
  for (const DecisionRecord& one : decisions) {
    if (!TookSomething(one)) continue;
    hours[HourOf(one.time)].push_back(
        {{one.client, one.policy, one.expert, one.skill}, SumsOf(one)});
  }
  for (const auto& [hour, entries] : hours) {
    if (Status added = AddUsagePart(database, hour, UsagePart(entries)); !added.ok()) return added;
  }
  return Ok{};
}

Status AddUsagePart(Database& database, std::int64_t hour, UsagePart part) {
  const auto place = JoinNewest(database, hour, JoinParts::kSmall, &part);
  return place.ok() ? PutPart(database, *place, part) : place.error();
}

Status JoinLastHour(Database& database, WallTime now) {
  const std::int64_t hour = HourOf(now) - 1;
  Query count = database.Use("SELECT count(*) FROM usage_parts WHERE place >= ? AND place < ?");
  const Result<bool> row = count.Bind(FirstPlace(hour)).Bind(FirstPlace(hour + 1)).Step();
  if (!row.ok()) return row.error();
  if (count.Int(0) < 2) return Ok{};
  if (Status done = count.Run(); !done.ok()) return done;
  UsagePart all;
  const auto place = JoinNewest(database, hour, JoinParts::kAll, &all);
  if (!place.ok()) return place.error();
  return all.cells() > 0 ? PutPart(database, *place, all) : Status(Ok{});
}

Result<std::vector<UsageRow>> ListUsage(Database& database, const UsageFilter& filter) {
  const bool needs_body = NeedsBody(filter);
  Query query = database.Use(std::string("SELECT place, head") + (needs_body ? ", body" : "") +
                             " FROM usage_parts WHERE place >= ? AND place < ? "
                             "ORDER BY place DESC");
  query.Bind(FirstPlace(HourOf(filter.since))).Bind(FirstPlace(HourOf(filter.until) + 1));
  std::vector<UsageRow> rows;
  UsageByValue sums;  // of `start`
  std::int64_t start = 0;
  while (rows.size() < UsageRows(filter)) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    const std::int64_t next = *row ? StartOfRow(HourOfPlace(query.Int(0)), filter) : start;
    if (!*row || next != start) MoveInto(start, &sums, &rows);
    if (!*row) break;
    start = next;
    const std::string_view body = needs_body ? query.Text(2) : std::string_view();
    if (!AddMatching(query.Text(1), body, filter, &sums)) return DamagedUsage(database);
  }
  if (rows.size() > UsageRows(filter)) rows.resize(UsageRows(filter));
  return rows;
}

Status TrimUsage(Database& database, WallTime now) {
  return database.Use("DELETE FROM usage_parts WHERE place < ?")
      .Bind(FirstPlace(HourOf(now - kUsageKept)))
      .Run();
}

}  // namespace moerge::sqlite
