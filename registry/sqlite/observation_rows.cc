#include "registry/sqlite/observation_rows.h"

#include <algorithm>

#include "registry/sqlite/rows.h"

namespace moerge::sqlite {
namespace {

Result<std::string> Encode(Names& names, const Observation& observation) {
  NumberedScores scores;
  scores.reserve(observation.scores.size());
  for (const auto& [expert, score] : observation.scores) {
    const auto number = names.NumberOf(expert);
    if (!number.ok()) return number.error();
    scores.emplace_back(static_cast<std::uint64_t>(*number), score);
  }
  return EncodeScores(scores);
}

Status Add(Database& database, Names& names, const Observation& observation) {
  const auto source = names.NumberOf(observation.source);
  if (!source.ok()) return source.error();
  const auto scores = Encode(names, observation);
  if (!scores.ok()) return scores.error();
  return database
      .Use(
          "INSERT INTO observations (source, id, skill, scores, prompt) VALUES (?, ?, ?, ?, ?) "
          "ON CONFLICT (source, id) DO UPDATE SET skill = excluded.skill, "
          "scores = excluded.scores, prompt = excluded.prompt")
      .Bind(*source)
      .Bind(observation.id)
      .Bind(observation.skill)
      .BindBlob(*scores)
      .Bind(observation.prompt)
      .Run();
}

bool ReadObservation(const Query& query, const Names& names, Observation* observation) {
  observation->source = names.NameOf(static_cast<std::uint64_t>(query.Int(0)));
  observation->id = query.Text(1);
  observation->skill = query.Text(2);
  observation->prompt = query.Text(4);
  observation->scores.clear();
  return DecodeScores(query.Text(3), [&](std::uint64_t number, double score) {
    observation->scores.emplace_back(names.NameOf(number), score);
    return !observation->scores.back().first.empty();
  });
}

}  // namespace

Status AddObservations(Database& database, Names& names,
                       const std::vector<Observation>& observations) {
  for (const Observation& observation : observations) {
    if (Status added = Add(database, names, observation); !added.ok()) return added;
  }
  return Ok{};
}

Status ForgetObservations(Database& database, Names& names,
                          const std::vector<std::string>& sources) {
  for (const std::string& source : sources) {
    const auto number = names.NumberOf(source);
    if (!number.ok()) return number.error();
    Query query = database.Use("DELETE FROM observations WHERE source = ?");
    if (Status done = query.Bind(*number).Run(); !done.ok()) return done;
  }
  return Ok{};
}

Status ForgetObservations(Database& database, Names& names,
                          const std::vector<ObservationKey>& keys) {
  for (const ObservationKey& key : keys) {
    const auto source = names.NumberOf(key.source);
    if (!source.ok()) return source.error();
    Query query = database.Use("DELETE FROM observations WHERE source = ? AND id = ?");
    if (Status done = query.Bind(*source).Bind(key.id).Run(); !done.ok()) return done;
  }
  return Ok{};
}

Status LimitObservations(Database& database, Names& names, const StoreChange::Limit& limit) {
  const auto source = names.NumberOf(limit.source);
  if (!source.ok()) return source.error();
  return database
      .Use(
          "DELETE FROM observations WHERE source = ? AND seq <= (SELECT seq FROM observations "
          "WHERE source = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)")
      .Bind(*source)
      .Bind(*source)
      .Bind(std::max<std::int64_t>(limit.keep, 0))
      .Run();
}

Status VisitObservations(Database& database, Names& names,
                         const std::function<bool(const Observation&)>& visit) {
  Query query =
      database.Use("SELECT source, id, skill, scores, prompt FROM observations ORDER BY seq");
  Observation observation;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return Ok{};
    if (!ReadObservation(query, names, &observation)) {
      return Error{ErrorCode::kInternal,
                   "the store `" + database.path() + "` is damaged: an observation cannot be read"};
    }
    if (!visit(observation)) return Ok{};
  }
}

}  // namespace moerge::sqlite
