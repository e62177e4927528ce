// What lists filter by, of up to kBlockRows decisions in a row, column by column: 1,000,000
// decisions are a thousand blocks, and looking through those takes milliseconds for any filter and
// any combination of filters. An index for each column would cost more than the decision itself
// (README.md has the figures) and help no combination. Pure; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "registry/decision_filter.h"
#include "registry/decision_log.h"

namespace moerge::sqlite {

inline constexpr std::int64_t kBlockRows = 1024;
inline constexpr std::int64_t BlockOf(std::int64_t seq) { return seq / kBlockRows; }

class DecisionBlock {
 public:
  // Empty; `first` is the sequence number of the row that comes first.
  explicit DecisionBlock(std::int64_t first) : first_(first) {}
  // What Encode wrote. False: damaged.
  bool Decode(std::string_view bytes);
  std::string Encode() const;

  // REQUIRES: `seq` is above those before. Numbers that are left out stay without a decision.
  void Add(std::int64_t seq, const DecisionRecord& record);

  WallTime oldest() const { return oldest_; }
  WallTime newest() const { return newest_; }
  // Both are kept beside the block.
  void SetTimes(WallTime oldest, WallTime newest) {
    oldest_ = oldest;
    newest_ = newest;
  }

 private:
  static constexpr std::size_t kColumns = 6;  // policy, expert, skill, outcome, client, status
  struct Column {
    std::deque<std::string> values;
    std::unordered_map<std::string_view, std::uint16_t> number_of;
    std::vector<std::uint16_t> rows;

    std::uint16_t NumberOf(std::string_view value);
  };

  // Of LatencyBucketOf; kNoBucket: not known.
  struct Times {
    unsigned char latency;
    unsigned char first_token;
  };
  void AddRow(std::int64_t ms, const std::array<std::string_view, kColumns>& values, Times times);
  void DecodeTimes(std::string_view times);

  std::int64_t first_;
  std::int64_t base_ms_ = 0;
  std::vector<std::int32_t> ms_;  // since base_ms_
  std::array<Column, kColumns> columns_;
  std::string latencies_;     // a byte a row
  std::string first_tokens_;  // the same
  WallTime oldest_ = WallTime::max();
  WallTime newest_ = WallTime::min();
};

// Appends the sequence numbers below `before` that may match, newest first, until `most` are there.
// Times are looked at in milliseconds, so that the row itself has the last word. `bytes`: an
// encoded block. False: damaged.
bool FindInBlock(std::string_view bytes, const DecisionFilter& filter, std::int64_t before,
                 std::size_t most, std::vector<std::int64_t>* found);

// Counts the times of answered requests that match `filter` by its values and times. Blocks of
// before times were kept add nothing. False: damaged.
bool AddTimesOf(std::string_view bytes, const UsageFilter& filter, TimesByGroup* times);

}  // namespace moerge::sqlite
