#include "registry/sqlite/proposal_rows.h"

#include <string>

namespace moerge::sqlite {
namespace {

// Of a row of id, created, name, status, skills, labels.
ProposalRecord ReadProposal(const Query& query) {
  ProposalRecord record;
  record.id = query.Text(0);
  record.created = query.Time(1);
  record.name = query.Text(2);
  record.status = query.Text(3);
  record.skills = query.Int(4);
  record.labels = query.Int(5);
  return record;
}

Status Remove(Database& database, const std::vector<std::string>& ids) {
  Query query = database.Use("DELETE FROM proposals WHERE id = ?");
  for (const std::string& id : ids) {
    if (Status done = query.Bind(id).Run(); !done.ok()) return done;
  }
  return Ok{};
}

Status Put(Database& database, const std::vector<ProposalRecord>& proposals) {
  Query query = database.Use(
      "INSERT INTO proposals (id, created, name, status, skills, labels, json)"
      " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
      " status = excluded.status, skills = excluded.skills, labels = excluded.labels,"
      " json = excluded.json");
  for (const ProposalRecord& one : proposals) {
    query.Bind(one.id).Bind(one.created).Bind(one.name).Bind(one.status);
    query.Bind(one.skills).Bind(one.labels).Bind(one.json);
    if (Status done = query.Run(); !done.ok()) return done;
  }
  return Ok{};
}

}  // namespace

Status WriteProposals(Database& database, const StoreChange& change) {
  Status done = Remove(database, change.remove_proposals);
  return done.ok() ? Put(database, change.put_proposals) : done;
}

Result<std::vector<ProposalRecord>> ListProposals(Database& database) {
  Query query = database.Use(
      "SELECT id, created, name, status, skills, labels FROM proposals ORDER BY seq DESC");
  std::vector<ProposalRecord> list;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return list;
    list.push_back(ReadProposal(query));
  }
}

Result<std::optional<ProposalRecord>> GetProposal(Database& database, std::string_view id) {
  Query query = database.Use(
      "SELECT id, created, name, status, skills, labels, json FROM proposals WHERE id = ?");
  const Result<bool> row = query.Bind(id).Step();
  if (!row.ok()) return row.error();
  if (!*row) return std::optional<ProposalRecord>();
  ProposalRecord record = ReadProposal(query);
  record.json = query.Text(6);
  return std::optional(std::move(record));
}

}  // namespace moerge::sqlite
