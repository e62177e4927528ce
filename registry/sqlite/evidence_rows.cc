#include "registry/sqlite/evidence_rows.h"

#include <algorithm>
#include <utility>

#include "registry/evidence.h"
#include "registry/registry.h"
#include "registry/sqlite/rows.h"

namespace moerge::sqlite {
namespace {

Error Damaged(const Database& database) {
  return Error{ErrorCode::kInternal,
               "the store `" + database.path() +
                   "` is damaged: evidence cannot be read; restore it from a copy or move it away"};
}

// The process-wide id of every skill in the dictionary, looked up once instead of once per cell.
class SkillIds {
 public:
  explicit SkillIds(const Names& names) : names_(names), ids_(names.bound(), kNone) {}

  bool Get(std::uint64_t number, SkillId* id) {
    if (number >= ids_.size()) return false;
    if (ids_[number] == kNone) {
      const std::string_view name = names_.NameOf(number);
      if (name.empty()) return false;
      ids_[number] = InternSkill(name);
    }
    *id = ids_[number];
    return true;
  }

 private:
  static constexpr SkillId kNone{UINT32_MAX};
  const Names& names_;
  std::vector<SkillId> ids_;
};

bool Decode(std::string_view bytes, SkillIds& ids, std::vector<SkillRecord>* cells) {
  cells->reserve(bytes.size() / 3);
  const bool sound = DecodeCells(bytes, [&](std::uint64_t number, float wins, float trials) {
    SkillId id{};
    if (!ids.Get(number, &id)) return false;
    cells->push_back({id, wins, trials});
    return true;
  });
  const auto by_skill = [](const SkillRecord& a, const SkillRecord& b) {
    return a.skill < b.skill;
  };
  if (!std::is_sorted(cells->begin(), cells->end(), by_skill)) {
    std::sort(cells->begin(), cells->end(), by_skill);
  }
  cells->shrink_to_fit();
  return sound;
}

Result<std::string> Encode(Names& names, const std::vector<SkillRecord>& cells) {
  std::vector<NumberedCell> numbered;
  numbered.reserve(cells.size());
  for (const SkillRecord& cell : cells) {
    const auto number = names.NumberOf(NameOf(cell.skill));
    if (!number.ok()) return number.error();
    numbered.push_back({static_cast<std::uint64_t>(*number), cell.wins, cell.trials});
  }
  std::sort(numbered.begin(), numbered.end(),
            [](const NumberedCell& a, const NumberedCell& b) { return a.skill < b.skill; });
  return EncodeCells(numbered);
}

// Where a row stands in the table.
struct Key {
  std::int64_t expert;
  std::int64_t source;
};

// The row as it is, without cells if there is none.
Result<EvidenceRow> Find(Database& database, const Names& names, const Key& key, EvidenceRow like) {
  like.cells.clear();
  like.updated = WallTime{};
  Query query = database.Use("SELECT updated, cells FROM evidence WHERE expert = ? AND source = ?");
  const Result<bool> row = query.Bind(key.expert).Bind(key.source).Step();
  if (!row.ok()) return row.error();
  if (!*row) return like;
  SkillIds ids(names);
  like.updated = query.Time(0);
  if (!Decode(query.Text(1), ids, &like.cells)) return Damaged(database);
  return like;
}

Status PutRow(Database& database, Names& names, const EvidenceRow& row) {
  const auto expert = names.NumberOf(NameOf(row.expert));
  if (!expert.ok()) return expert.error();
  const auto source = names.NumberOf(row.source);
  if (!source.ok()) return source.error();
  Result<EvidenceRow> present = Find(database, names, {*expert, *source}, row);
  if (!present.ok()) return present.error();
  const EvidenceRow whole = Overlay(*std::move(present), row);
  const auto cells = Encode(names, whole.cells);
  if (!cells.ok()) return cells.error();
  return database
      .Use(
          "INSERT INTO evidence VALUES (?, ?, ?, ?) ON CONFLICT (expert, source) DO UPDATE "
          "SET updated = excluded.updated, cells = excluded.cells")
      .Bind(*expert)
      .Bind(*source)
      .Bind(whole.updated)
      .BindBlob(*cells)
      .Run();
}

}  // namespace

Status LoadEvidence(Database& database, Names& names, EvidenceTable* evidence) {
  SkillIds ids(names);
  Query query = database.Use("SELECT expert, source, updated, cells FROM evidence ORDER BY rowid");
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return Ok{};
    const std::string_view expert = names.NameOf(static_cast<std::uint64_t>(query.Int(0)));
    const std::string_view source = names.NameOf(static_cast<std::uint64_t>(query.Int(1)));
    if (expert.empty() || source.empty()) return Damaged(database);
    EvidenceRow loaded{InternExpert(expert), std::string(source), query.Time(2), {}};
    if (!Decode(query.Text(3), ids, &loaded.cells)) return Damaged(database);
    evidence->PutRow(std::move(loaded));
  }
}

Status ForgetEvidence(Database& database, const Names& names,
                      const std::vector<std::string>& sources) {
  for (const std::string& source : sources) {
    for (std::size_t number = 0; number < names.bound(); ++number) {
      const std::string_view name = names.NameOf(number);
      if (name != source && SourceFamily(name) != source) continue;
      Query query = database.Use("DELETE FROM evidence WHERE source = ?");
      const Status done = query.Bind(static_cast<std::int64_t>(number)).Run();
      if (!done.ok()) return done;
    }
  }
  return Ok{};
}

Status ForgetEvidence(Database& database, Names& names, const std::vector<EvidenceKey>& keys) {
  for (const EvidenceKey& key : keys) {
    const auto source = names.NumberOf(key.source);
    if (!source.ok()) return source.error();
    Query all = database.Use("DELETE FROM evidence WHERE source = ?");
    Query one = database.Use("DELETE FROM evidence WHERE source = ? AND expert = ?");
    Status done = Ok{};
    if (key.expert.empty()) {
      done = all.Bind(*source).Run();
    } else {
      const auto expert = names.NumberOf(key.expert);
      if (!expert.ok()) return expert.error();
      done = one.Bind(*source).Bind(*expert).Run();
    }
    if (!done.ok()) return done;
  }
  return Ok{};
}

Status PutEvidence(Database& database, Names& names, const std::vector<Evidence>& evidence) {
  for (const EvidenceRow& row : RowsOf(evidence)) {
    if (Status put = PutRow(database, names, row); !put.ok()) return put;
  }
  return Ok{};
}

}  // namespace moerge::sqlite
