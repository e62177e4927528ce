#include "registry/sqlite/decision_block.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include "registry/compact.h"

namespace moerge::sqlite {
namespace {

// first, rows, the time that times count from in ms, 4 bytes of ms a row; then for each column how
// many values, each with its length, and 1 byte a row, or 2 if there are more than 256 values; then
// twice 1 byte a row: buckets of the time of the answer and of the first token. Those are not in
// blocks that an older moerge wrote.
constexpr std::size_t kByteValues = 256;
constexpr unsigned char kNoBucket = 255;
static_assert(kLatencyBuckets <= kNoBucket);

unsigned char BucketByte(double ms) { return static_cast<unsigned char>(LatencyBucketOf(ms)); }

std::int64_t MsOf(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

class StatusText {
 public:
  explicit StatusText(int status) {
    end_ = std::to_chars(digits_, digits_ + sizeof digits_, status).ptr;
  }
  operator std::string_view() const { return {digits_, static_cast<std::size_t>(end_ - digits_)}; }

 private:
  char digits_[16];
  char* end_;
};

struct Head {
  std::int64_t first = 0;
  std::size_t rows = 0;
  std::int64_t base_ms = 0;
  std::string_view ms;
};

std::optional<Head> ReadHead(compact::Reader* in) {
  Head head;
  head.first = static_cast<std::int64_t>(in->Int());
  head.rows = in->Int();
  head.base_ms = static_cast<std::int64_t>(in->Int());
  if (!in->ok() || head.rows > kBlockRows) return std::nullopt;
  head.ms = in->Bytes(head.rows * sizeof(std::int32_t));
  if (!in->ok()) return std::nullopt;
  return head;
}

std::int32_t MsAt(std::string_view ms, std::size_t row) {
  std::int32_t value = 0;
  std::memcpy(&value, ms.data() + row * sizeof value, sizeof value);
  return value;
}

std::uint16_t NumberAt(std::string_view numbers, std::size_t width, std::size_t row) {
  if (width == 1) return static_cast<unsigned char>(numbers[row]);
  std::uint16_t value = 0;
  std::memcpy(&value, numbers.data() + row * sizeof value, sizeof value);
  return value;
}

// Which of its values each row has in a column.
struct Numbers {
  std::string_view bytes;
  std::size_t width = 1;

  std::uint16_t At(std::size_t row) const { return NumberAt(bytes, width, row); }
};

// A column that a filter asks for: rows with `wanted`.
struct Condition {
  Numbers numbers;
  std::uint16_t wanted = 0;

  bool Holds(std::size_t row) const { return numbers.At(row) == wanted; }
};

using Wanted = std::array<std::optional<std::string_view>, 6>;  // by column; none: any value

// What is looked for in a block, column by column.
struct Lookup {
  bool possible = true;  // false: one of the wanted values is in no row
  std::vector<Condition> conditions;
  // Of the column `listed`.
  std::vector<std::string_view> values;
  Numbers numbers;

  bool Holds(std::size_t row) const {
    return std::all_of(conditions.begin(), conditions.end(),
                       [row](const Condition& each) { return each.Holds(row); });
  }
};

// Reads over all columns, unless it finds that nothing is possible. Nothing: damaged. `listed`: the
// column whose values are wanted; else none.
std::optional<Lookup> ReadColumns(compact::Reader* in, std::size_t rows, const Wanted& wanted,
                                  std::size_t listed = std::tuple_size_v<Wanted>) {
  Lookup lookup;
  for (std::size_t column = 0; column < wanted.size(); ++column) {
    Condition condition;
    bool found = false;
    const std::uint64_t values = in->Int();
    for (std::uint64_t i = 0; i < values && in->ok(); ++i) {
      const std::string_view value = in->Bytes(in->Int());
      if (column == listed) lookup.values.push_back(value);
      if (!wanted[column] || value != *wanted[column]) continue;
      found = true;
      condition.wanted = static_cast<std::uint16_t>(i);
    }
    condition.numbers.width = values > kByteValues ? 2 : 1;
    condition.numbers.bytes = in->Bytes(rows * condition.numbers.width);
    if (!in->ok()) return std::nullopt;
    if (column == listed) lookup.numbers = condition.numbers;
    if (!wanted[column]) continue;
    lookup.possible = found;
    if (!found) return lookup;
    lookup.conditions.push_back(condition);
  }
  return lookup;
}

struct MsRange {
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
  bool Holds(std::int64_t ms) const { return from <= ms && ms <= to; }
};

MsRange RangeOf(const DecisionFilter& filter) {
  MsRange range;
  if (filter.since) range.from = MsOf(*filter.since);
  if (filter.until) range.to = MsOf(*filter.until);
  return range;
}

}  // namespace

std::uint16_t DecisionBlock::Column::NumberOf(std::string_view value) {
  if (!rows.empty() && values[rows.back()] == value) return rows.back();
  const auto known = number_of.find(value);
  if (known != number_of.end()) return known->second;
  values.emplace_back(value);
  const auto number = static_cast<std::uint16_t>(values.size() - 1);
  number_of.emplace(values.back(), number);
  return number;
}

void DecisionBlock::AddRow(std::int64_t ms, const std::array<std::string_view, kColumns>& values,
                           Times times) {
  if (ms_.empty()) base_ms_ = std::max<std::int64_t>(ms, 0);
  const std::int64_t since = ms - base_ms_;
  ms_.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(
      since, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max())));
  for (std::size_t i = 0; i < kColumns; ++i) {
    columns_[i].rows.push_back(columns_[i].NumberOf(values[i]));
  }
  latencies_.push_back(static_cast<char>(times.latency));
  first_tokens_.push_back(static_cast<char>(times.first_token));
}

void DecisionBlock::Add(std::int64_t seq, const DecisionRecord& record) {
  const std::int64_t ms = MsOf(record.time);
  while (first_ + static_cast<std::int64_t>(ms_.size()) < seq) {
    AddRow(ms, {}, {kNoBucket, kNoBucket});
  }
  const StatusText status(record.status);
  const bool streamed = record.first_token_ms > 0;
  AddRow(ms, {record.policy, record.expert, record.skill, record.outcome, record.client, status},
         {BucketByte(record.latency_ms), streamed ? BucketByte(record.first_token_ms) : kNoBucket});
  oldest_ = std::min(oldest_, record.time);
  newest_ = std::max(newest_, record.time);
}

std::string DecisionBlock::Encode() const {
  std::string bytes;
  compact::AppendInt(static_cast<std::uint64_t>(first_), &bytes);
  compact::AppendInt(ms_.size(), &bytes);
  compact::AppendInt(static_cast<std::uint64_t>(base_ms_), &bytes);
  bytes.append(reinterpret_cast<const char*>(ms_.data()), ms_.size() * sizeof ms_[0]);
  for (const Column& column : columns_) {
    compact::AppendInt(column.values.size(), &bytes);
    for (const std::string& value : column.values) {
      compact::AppendInt(value.size(), &bytes);
      bytes += value;
    }
    if (column.values.size() > kByteValues) {
      bytes.append(reinterpret_cast<const char*>(column.rows.data()), 2 * column.rows.size());
    } else {
      for (const std::uint16_t number : column.rows) bytes.push_back(static_cast<char>(number));
    }
  }
  return bytes + latencies_ + first_tokens_;
}

// `times`: what follows the columns.
void DecisionBlock::DecodeTimes(std::string_view times) {
  const std::size_t rows = ms_.size();
  const std::string unknown(rows, static_cast<char>(kNoBucket));
  const bool kept = times.size() == 2 * rows;
  latencies_ = kept ? times.substr(0, rows) : std::string_view(unknown);
  first_tokens_ = kept ? times.substr(rows) : std::string_view(unknown);
}

bool DecisionBlock::Decode(std::string_view bytes) {
  compact::Reader in(bytes);
  const auto head = ReadHead(&in);
  if (!head) return false;
  first_ = head->first;
  base_ms_ = head->base_ms;
  ms_.clear();
  for (std::size_t row = 0; row < head->rows; ++row) ms_.push_back(MsAt(head->ms, row));
  for (Column& column : columns_) {
    column = {};
    const std::uint64_t values = in.Int();
    for (std::uint64_t i = 0; i < values && in.ok(); ++i) {
      column.values.emplace_back(in.Bytes(in.Int()));
      column.number_of.emplace(column.values.back(), static_cast<std::uint16_t>(i));
    }
    const std::size_t width = values > kByteValues ? 2 : 1;
    const std::string_view numbers = in.Bytes(head->rows * width);
    if (!in.ok()) return false;
    for (std::size_t row = 0; row < head->rows; ++row) {
      column.rows.push_back(NumberAt(numbers, width, row));
      if (column.rows.back() >= column.values.size()) return false;
    }
  }
  DecodeTimes(in.Rest());
  return true;
}

bool FindInBlock(std::string_view bytes, const DecisionFilter& filter, std::int64_t before,
                 std::size_t most, std::vector<std::int64_t>* found) {
  compact::Reader in(bytes);
  const auto head = ReadHead(&in);
  if (!head) return false;
  std::optional<StatusText> status;
  if (filter.status) status.emplace(*filter.status);
  Wanted wanted = {filter.policy,  filter.expert, filter.skill,
                   filter.outcome, filter.client, std::nullopt};
  if (status) wanted[5] = *status;
  const auto lookup = ReadColumns(&in, head->rows, wanted);
  if (!lookup) return false;
  if (!lookup->possible) return true;
  const MsRange range = RangeOf(filter);
  const std::int64_t rows = std::min<std::int64_t>(static_cast<std::int64_t>(head->rows),
                                                   std::max<std::int64_t>(before - head->first, 0));
  for (std::int64_t row = rows; row-- > 0 && found->size() < most;) {
    const auto at = static_cast<std::size_t>(row);
    if (lookup->Holds(at) && range.Holds(head->base_ms + MsAt(head->ms, at))) {
      found->push_back(head->first + row);
    }
  }
  return true;
}

namespace {

std::size_t ColumnOf(UsageGroup group) {
  switch (group) {
    case UsageGroup::kExpert: return 1;
    case UsageGroup::kSkill: return 2;
    case UsageGroup::kClient: return 4;
    case UsageGroup::kAll:
    case UsageGroup::kPolicy: break;
  }
  return 0;
}

void AddByte(char byte, LatencyCounts* counts) {
  const auto bucket = static_cast<unsigned char>(byte);
  if (bucket < kLatencyBuckets) counts->Add(bucket);
}

}  // namespace

bool AddTimesOf(std::string_view bytes, const UsageFilter& filter, TimesByGroup* times) {
  compact::Reader in(bytes);
  const auto head = ReadHead(&in);
  if (!head) return false;
  const Wanted wanted = {filter.policy, filter.expert, filter.skill, "ok", filter.client, {}};
  const auto lookup = ReadColumns(&in, head->rows, wanted, ColumnOf(filter.group));
  if (!lookup) return false;
  const std::string_view kept = in.Rest();
  if (!lookup->possible || kept.size() != 2 * head->rows) return true;
  const std::int64_t first = HourOf(filter.since);
  const std::int64_t last = HourOf(filter.until);
  AnswerTimes* of = nullptr;  // of the row before
  std::pair<std::int64_t, std::string_view> before;
  for (std::size_t row = 0; row < head->rows; ++row) {
    const std::chrono::milliseconds time(head->base_ms + MsAt(head->ms, row));
    const std::int64_t hour = std::chrono::floor<std::chrono::hours>(time).count();
    if (hour < first || hour > last || !lookup->Holds(row)) continue;
    const std::size_t number = lookup->numbers.At(row);
    if (number >= lookup->values.size()) return false;
    const bool all = filter.group == UsageGroup::kAll;
    const std::string_view value = all ? std::string_view() : lookup->values[number];
    const std::pair key(StartOfRow(hour, filter), value);
    if (of == nullptr || key != before) of = &(*times)[{key.first, std::string(value)}];
    before = key;
    AddByte(kept[row], &of->latency);
    AddByte(kept[head->rows + row], &of->first_token);
  }
  return true;
}

}  // namespace moerge::sqlite
