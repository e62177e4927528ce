#include "registry/sqlite/feedback_rows.h"

#include <algorithm>
#include <string>
#include <utility>

#include "registry/sqlite/rows.h"

namespace moerge::sqlite {
namespace {

using NamedScores = std::vector<std::pair<std::string, double>>;

Result<std::string> Encode(Names& names, const NamedScores& scores) {
  NumberedScores numbered;
  for (const auto& [name, score] : scores) {
    const auto number = names.NumberOf(name);
    if (!number.ok()) return number.error();
    numbered.emplace_back(static_cast<std::uint64_t>(*number), score);
  }
  return EncodeScores(numbered);
}

bool Decode(std::string_view bytes, const Names& names, NamedScores* scores) {
  return DecodeScores(bytes, [&](std::uint64_t number, double score) {
    scores->emplace_back(names.NameOf(number), score);
    return !scores->back().first.empty();
  });
}

constexpr double kNotSaid = -1;

Status Put(Database& database, Names& names, const Feedback& feedback) {
  const auto scores = Encode(names, {{feedback.expert, feedback.score.value_or(0)}});
  if (!scores.ok()) return scores.error();
  const auto skills = Encode(names, feedback.skills);
  if (!skills.ok()) return skills.error();
  return database.Use("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(feedback.decision)
      .Bind(feedback.key)
      .Bind(feedback.time)
      .Bind(feedback.decided)
      .BindBlob(*scores)
      .BindBlob(*skills)
      .Bind(std::int64_t{feedback.score.has_value()})
      .Bind(feedback.helpfulness.value_or(kNotSaid))
      .Run();
}

Error DamagedFeedback(const Database& database) {
  return Error{ErrorCode::kInternal,
               "the store `" + database.path() + "` is damaged: feedback cannot be read"};
}

#define MOERGE_FEEDBACK_COLUMNS "decision, key, time, decided, scores, judged, helpfulness"

// Without skills. False: damaged.
bool ReadFeedback(const Query& query, const Names& names, Feedback* feedback) {
  feedback->decision = query.Text(0);
  feedback->key = query.Text(1);
  feedback->time = query.Time(2);
  feedback->decided = query.Time(3);
  NamedScores scores;
  if (!Decode(query.Text(4), names, &scores) || scores.size() != 1) return false;
  feedback->expert = std::move(scores[0].first);
  if (query.Int(5) != 0) feedback->score = scores[0].second;
  if (const double helpfulness = query.Real(6); helpfulness >= 0) {
    feedback->helpfulness = helpfulness;
  }
  return true;
}

Result<std::vector<Feedback>> ReadAll(const Database& database, const Names& names, Query* query) {
  std::vector<Feedback> found;
  while (true) {
    const Result<bool> row = query->Step();
    if (!row.ok()) return row.error();
    if (!*row) return found;
    if (!ReadFeedback(*query, names, &found.emplace_back())) return DamagedFeedback(database);
  }
}

}  // namespace

Status PutFeedback(Database& database, Names& names, const std::vector<Feedback>& feedback) {
  for (const Feedback& one : feedback) {
    if (Status put = Put(database, names, one); !put.ok()) return put;
  }
  return Ok{};
}

Result<std::optional<Feedback>> GetFeedback(Database& database, const Names& names,
                                            std::string_view decision, std::string_view key) {
  Query query = database.Use("SELECT " MOERGE_FEEDBACK_COLUMNS
                             ", skills FROM feedback WHERE decision = ? AND key = ?");
  const Result<bool> row = query.Bind(decision).Bind(key).Step();
  if (!row.ok()) return row.error();
  if (!*row) return std::optional<Feedback>();
  Feedback found;
  if (!ReadFeedback(query, names, &found) || !Decode(query.Text(7), names, &found.skills)) {
    return DamagedFeedback(database);
  }
  return std::optional(std::move(found));
}

Result<std::vector<Feedback>> ListFeedback(Database& database, const Names& names, int limit) {
  Query query = database.Use("SELECT " MOERGE_FEEDBACK_COLUMNS
                             " FROM feedback ORDER BY decision DESC, key LIMIT ?");
  query.Bind(static_cast<std::int64_t>(std::max(limit, 0)));
  return ReadAll(database, names, &query);
}

Result<std::vector<Feedback>> ListFeedbackOn(Database& database, const Names& names,
                                             std::string_view decision) {
  Query query = database.Use("SELECT " MOERGE_FEEDBACK_COLUMNS
                             " FROM feedback WHERE decision = ? ORDER BY key");
  query.Bind(decision);
  return ReadAll(database, names, &query);
}
#undef MOERGE_FEEDBACK_COLUMNS

Status TrimFeedback(Database& database) {
  return database
      .Use(
          "DELETE FROM feedback WHERE decided < coalesce("
          "(SELECT time FROM decision_log ORDER BY seq LIMIT 1), 9223372036854775807)")
      .Run();
}

}  // namespace moerge::sqlite
