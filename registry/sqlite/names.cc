#include "registry/sqlite/names.h"

namespace moerge::sqlite {

Status Names::Load() {
  names_.clear();
  numbers_.clear();
  Query query = database_.Use("SELECT id, name FROM names ORDER BY id");
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) break;
    Keep(query.Int(0), query.Text(1));
  }
  loaded_ = true;
  return Ok{};
}

void Names::Keep(std::int64_t number, std::string_view name) {
  constexpr std::int64_t kMost = 1 << 26;  // a damaged row must not ask for all memory
  if (number < 0 || number > kMost) return;
  if (static_cast<std::size_t>(number) >= names_.size()) {
    names_.resize(static_cast<std::size_t>(number) + 1);
  }
  names_[static_cast<std::size_t>(number)] = name;
  numbers_.emplace(name, number);
}

Result<std::int64_t> Names::NumberOf(std::string_view name) {
  if (!loaded_) {
    if (Status loaded = Load(); !loaded.ok()) return loaded.error();
  }
  if (const auto at = numbers_.find(std::string(name)); at != numbers_.end()) return at->second;
  return Add(name);
}

Result<std::int64_t> Names::Add(std::string_view name) {
  Query insert = database_.Use("INSERT INTO names (name) VALUES (?) RETURNING id");
  const Result<bool> row = insert.Bind(name).Step();
  if (!row.ok()) return row.error();
  const std::int64_t number = insert.Int(0);
  if (Status done = insert.Run(); !done.ok()) return done.error();
  Keep(number, name);
  return number;
}

std::string_view Names::NameOf(std::uint64_t number) const {
  return number < names_.size() ? std::string_view(names_[number]) : std::string_view();
}

}  // namespace moerge::sqlite
