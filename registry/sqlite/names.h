// The dictionary of one database: experts, skills and sources as small numbers.
//
// Owner: SqliteStore. Not thread-safe. Names are only ever added; a rolled back transaction must be
// followed by Forget(), since its numbers may be given out again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/base/result.h"
#include "registry/sqlite/database.h"

namespace moerge::sqlite {

class Names {
 public:
  explicit Names(Database& database) : database_(database) {}

  Status Load();  // again: another program may have added some
  void Forget() { loaded_ = false; }

  // Adds the name if it is new. REQUIRES: inside a transaction.
  Result<std::int64_t> NumberOf(std::string_view name);
  // Empty: not in the dictionary.
  std::string_view NameOf(std::uint64_t number) const;
  std::size_t bound() const { return names_.size(); }  // numbers are below this

 private:
  Result<std::int64_t> Add(std::string_view name);
  void Keep(std::int64_t number, std::string_view name);

  Database& database_;
  bool loaded_ = false;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int64_t> numbers_;
};

}  // namespace moerge::sqlite
