#include "registry/sqlite/usage_part.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <utility>

#include "registry/compact.h"
#include "registry/decision_filter.h"

namespace moerge::sqlite {
namespace {

// The head: how many cells, the sums of all; then for each column how many values, and of each its
// text, its sums and, of clients, the size of its section of the body. A section: for each cell its
// places in the other columns and its sums.
constexpr std::size_t kUsageClient = 0;

// None: by nothing.
std::optional<std::size_t> UsageColumn(UsageGroup group) {
  switch (group) {
    case UsageGroup::kAll: return std::nullopt;
    case UsageGroup::kClient: return kUsageClient;
    case UsageGroup::kPolicy: return 1;
    case UsageGroup::kExpert: return 2;
    case UsageGroup::kSkill: return 3;
  }
  return std::nullopt;
}

using WantedUsage = std::array<const std::optional<std::string>*, UsagePart::kColumns>;

WantedUsage WantedOf(const UsageFilter& filter) {
  return {&filter.client, &filter.policy, &filter.expert, &filter.skill};
}

void AppendSums(const UsageSums& sums, std::string* out) {
  for (const std::int64_t each : {sums.requests, sums.errors, sums.cancelled, sums.prompt_tokens,
                                  sums.completion_tokens, sums.calls}) {
    compact::AppendInt(static_cast<std::uint64_t>(each), out);
  }
  compact::AppendNumber(sums.cost_usd, out);
  compact::AppendNumber(sums.latency_ms, out);
}

UsageSums ReadSums(compact::Reader* in) {
  UsageSums sums;
  for (std::int64_t* each : {&sums.requests, &sums.errors, &sums.cancelled, &sums.prompt_tokens,
                             &sums.completion_tokens, &sums.calls}) {
    *each = static_cast<std::int64_t>(in->Int());
  }
  sums.cost_usd = in->Number<double>();
  sums.latency_ms = in->Number<double>();
  return sums;
}

void SkipSums(compact::Reader* in) {
  in->SkipInts(6);
  in->SkipNumber<double>();
  in->SkipNumber<double>();
}

struct HeadValue {
  std::string_view text;
  UsageSums sums;
  std::size_t section = 0;  // bytes; of clients
};

HeadValue ReadValue(std::size_t column, compact::Reader* in) {
  HeadValue value;
  value.text = in->Bytes(in->Int());
  value.sums = ReadSums(in);
  if (column == kUsageClient) value.section = in->Int();
  return value;
}

void SkipValue(std::size_t column, compact::Reader* in) {
  in->Bytes(in->Int());
  SkipSums(in);
  if (column == kUsageClient) in->SkipInts(1);
}

// Calls visit(column, place, value) for what the head holds of column `only`, or of all if that is
// kColumns; ascending. False: damaged.
template <class Visit>
bool VisitHead(std::string_view head, std::size_t only, const Visit& visit) {
  compact::Reader in(head);
  in.SkipInts(1);
  SkipSums(&in);
  for (std::size_t column = 0; column < UsagePart::kColumns; ++column) {
    const bool passed = only != UsagePart::kColumns && column != only;
    const std::uint64_t count = in.Int();
    for (std::uint64_t place = 0; place < count && in.ok(); ++place) {
      if (passed) {
        SkipValue(column, &in);
        continue;
      }
      const HeadValue value = ReadValue(column, &in);
      if (in.ok()) visit(column, static_cast<std::uint32_t>(place), value);
    }
  }
  return in.ok() && in.AtEnd();
}

void AddUsageTo(std::string_view value, const UsageSums& more, UsageByValue* sums) {
  auto at = sums->find(value);
  if (at == sums->end()) at = sums->emplace(value, UsageSums()).first;
  AddTo(more, &at->second);
}

// The one column that the question is about; kColumns: it is about none. REQUIRES: no more.
std::size_t OnlyColumn(const UsageFilter& filter) {
  if (const auto group = UsageColumn(filter.group)) return *group;
  const WantedUsage wanted = WantedOf(filter);
  const auto at = std::find_if(wanted.begin(), wanted.end(),
                               [](const auto* each) { return each->has_value(); });
  return static_cast<std::size_t>(at - wanted.begin());
}

bool AddFromHead(std::string_view head, const UsageFilter& filter, UsageByValue* sums) {
  const std::size_t only = OnlyColumn(filter);
  if (only == UsagePart::kColumns) {
    compact::Reader in(head);
    in.Int();
    const UsageSums all = ReadSums(&in);
    if (in.ok()) AddUsageTo({}, all, sums);
    return in.ok();
  }
  const std::optional<std::string>& wanted = *WantedOf(filter)[only];
  const bool grouped = filter.group != UsageGroup::kAll;
  auto next = sums->begin();  // where the value goes, if it is new: they come ascending
  return VisitHead(head, only, [&](std::size_t, std::uint32_t, const HeadValue& value) {
    if (wanted && value.text != *wanted) return;
    const std::string_view text = grouped ? value.text : std::string_view();
    while (next != sums->end() && next->first < text) ++next;
    if (next == sums->end() || next->first != text) {
      next = sums->emplace_hint(next, text, UsageSums());
    }
    AddTo(value.sums, &next->second);
  });
}

// What a question needs to know of a head to read the body.
class UsageBodySum {
 public:
  explicit UsageBodySum(const UsageFilter& filter)
      : filter_(WantedOf(filter)), group_(UsageColumn(filter.group)) {}

  bool ReadHead(std::string_view head) {
    const auto visit = [this](std::size_t column, std::uint32_t place, const HeadValue& value) {
      if (column == kUsageClient) sections_.push_back(value.section);
      if (column == group_) values_.push_back(value.text);
      if (*filter_[column] && value.text == **filter_[column]) wanted_[column] = place;
    };
    return VisitHead(head, UsagePart::kColumns, visit);
  }

  bool Add(std::string_view body, UsageByValue* sums) {
    for (std::size_t column = 0; column < filter_.size(); ++column) {
      if (*filter_[column] && !wanted_[column]) return true;  // none of it is here
    }
    by_place_.assign(group_ ? values_.size() : 1, {});
    compact::Reader in(body);
    for (std::uint32_t client = 0; client < sections_.size() && in.ok(); ++client) {
      const std::string_view section = in.Bytes(sections_[client]);
      if (wanted_[kUsageClient].value_or(client) != client) continue;
      if (!AddSection(client, section)) return false;
    }
    for (std::size_t place = 0; place < by_place_.size(); ++place) {
      if (by_place_[place].requests == 0) continue;
      AddUsageTo(group_ ? values_[place] : std::string_view(), by_place_[place], sums);
    }
    return in.ok() && in.AtEnd();
  }

 private:
  bool AddSection(std::uint32_t client, std::string_view section) {
    compact::Reader in(section);
    std::array<std::uint64_t, UsagePart::kColumns> key{client};
    while (!in.AtEnd()) {
      for (std::size_t column = 1; column < key.size(); ++column) key[column] = in.Int();
      const UsageSums sums = ReadSums(&in);
      const std::uint64_t place = group_ ? key[*group_] : 0;
      if (!in.ok() || place >= by_place_.size()) return false;
      bool matches = true;
      for (std::size_t column = 1; column < key.size(); ++column) {
        matches &= !wanted_[column] || *wanted_[column] == key[column];
      }
      if (matches) AddTo(sums, &by_place_[place]);
    }
    return true;
  }

  const WantedUsage filter_;
  const std::optional<std::size_t> group_;
  std::vector<std::size_t> sections_;
  std::vector<std::string_view> values_;  // of the group
  std::array<std::optional<std::uint32_t>, UsagePart::kColumns> wanted_;
  std::vector<UsageSums> by_place_;
};

template <class Cells>
void JoinEqual(Cells* cells) {
  std::size_t last = 0;
  for (std::size_t i = 1; i < cells->size(); ++i) {
    if ((*cells)[i].key == (*cells)[last].key) {
      AddTo((*cells)[i].sums, &(*cells)[last].sums);
    } else {
      (*cells)[++last] = (*cells)[i];
    }
  }
  if (!cells->empty()) cells->resize(last + 1);
}

}  // namespace

UsagePart::UsagePart(std::span<const Entry> entries) {
  for (const Entry& entry : entries) cells_.push_back({{}, entry.sums});
  std::unordered_map<std::string_view, std::uint32_t> places;
  for (std::size_t column = 0; column < kColumns; ++column) {
    places.clear();
    for (const Entry& entry : entries) places.try_emplace(entry.values[column], 0);
    for (const auto& [value, place] : places) values_[column].emplace_back(value);
    std::sort(values_[column].begin(), values_[column].end());
    for (std::uint32_t place = 0; place < values_[column].size(); ++place) {
      places.find(values_[column][place])->second = place;
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
      cells_[i].key[column] = places.find(entries[i].values[column])->second;
    }
  }
  std::sort(cells_.begin(), cells_.end(),
            [](const Cell& a, const Cell& b) { return a.key < b.key; });
  JoinEqual(&cells_);
}

// Gives the cells the places that their values have in `values`, which hold at least their own.
void UsagePart::Renumber(const std::array<std::vector<std::string>, kColumns>& values) {
  std::vector<std::uint32_t> place_of;
  for (std::size_t column = 0; column < kColumns; ++column) {
    place_of.clear();
    std::uint32_t place = 0;
    for (const std::string& value : values_[column]) {
      while (values[column][place] != value) ++place;
      place_of.push_back(place);
    }
    for (Cell& cell : cells_) cell.key[column] = place_of[cell.key[column]];
  }
}

void UsagePart::Add(const UsagePart& other) {
  std::array<std::vector<std::string>, kColumns> values;
  for (std::size_t column = 0; column < kColumns; ++column) {
    std::set_union(values_[column].begin(), values_[column].end(), other.values_[column].begin(),
                   other.values_[column].end(), std::back_inserter(values[column]));
  }
  UsagePart more = other;
  more.Renumber(values);
  Renumber(values);
  values_ = std::move(values);
  std::vector<Cell> all;
  all.reserve(cells_.size() + more.cells_.size());
  std::merge(cells_.begin(), cells_.end(), more.cells_.begin(), more.cells_.end(),
             std::back_inserter(all), [](const Cell& a, const Cell& b) { return a.key < b.key; });
  JoinEqual(&all);
  cells_ = std::move(all);
}

void UsagePart::Encode(std::string* head, std::string* body) const {
  std::array<std::vector<UsageSums>, kColumns> sums;
  for (std::size_t column = 0; column < kColumns; ++column) {
    sums[column].resize(values_[column].size());
  }
  std::vector<std::size_t> sections(values_[kUsageClient].size());
  UsageSums all;
  body->clear();
  for (const Cell& cell : cells_) {
    const std::size_t before = body->size();
    for (std::size_t column = 1; column < kColumns; ++column) {
      compact::AppendInt(cell.key[column], body);
    }
    AppendSums(cell.sums, body);
    sections[cell.key[kUsageClient]] += body->size() - before;
    for (std::size_t column = 0; column < kColumns; ++column) {
      AddTo(cell.sums, &sums[column][cell.key[column]]);
    }
    AddTo(cell.sums, &all);
  }
  head->clear();
  compact::AppendInt(cells_.size(), head);
  AppendSums(all, head);
  for (std::size_t column = 0; column < kColumns; ++column) {
    compact::AppendInt(values_[column].size(), head);
    for (std::size_t place = 0; place < values_[column].size(); ++place) {
      const std::string& value = values_[column][place];
      compact::AppendInt(value.size(), head);
      head->append(value);
      AppendSums(sums[column][place], head);
      if (column == kUsageClient) compact::AppendInt(sections[place], head);
    }
  }
}

bool UsagePart::Decode(std::string_view head, std::string_view body) {
  *this = UsagePart();
  std::vector<std::size_t> sections;
  UsagePart part;
  const auto keep = [&](std::size_t column, std::uint32_t, const HeadValue& value) {
    part.values_[column].emplace_back(value.text);
    if (column == kUsageClient) sections.push_back(value.section);
  };
  bool fine = VisitHead(head, kColumns, keep);
  compact::Reader in(body);
  for (std::uint32_t client = 0; client < sections.size() && fine; ++client) {
    compact::Reader section(in.Bytes(sections[client]));
    while (fine && !section.AtEnd()) {
      Cell cell{{client}, {}};
      for (std::size_t column = 1; column < kColumns; ++column) {
        const std::uint64_t place = section.Int();
        fine &= place < part.values_[column].size();
        cell.key[column] = static_cast<std::uint32_t>(place);
      }
      cell.sums = ReadSums(&section);
      fine &= section.ok();
      part.cells_.push_back(cell);
    }
  }
  if (!fine || !in.ok() || !in.AtEnd()) return false;
  *this = std::move(part);
  return true;
}

bool NeedsBody(const UsageFilter& filter) {
  const auto group = UsageColumn(filter.group);
  const WantedUsage wanted = WantedOf(filter);
  std::size_t asked = group ? 1 : 0;
  for (std::size_t column = 0; column < wanted.size(); ++column) {
    if (*wanted[column] && column != group) ++asked;
  }
  return asked > 1;
}

bool AddMatching(std::string_view head, std::string_view body, const UsageFilter& filter,
                 UsageByValue* sums) {
  if (!NeedsBody(filter)) return AddFromHead(head, filter, sums);
  UsageBodySum sum(filter);
  return sum.ReadHead(head) && sum.Add(body, sums);
}

}  // namespace moerge::sqlite
