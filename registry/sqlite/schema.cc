#include "registry/sqlite/schema.h"

#include <string>

namespace moerge::sqlite {
namespace {

// names: every expert, skill and source that evidence and observations speak of, as a number.
// evidence.cells and observations.scores: see rows.h.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE registry (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
INSERT INTO registry VALUES (1, 0);
CREATE TABLE backends (name TEXT PRIMARY KEY, spec TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE experts  (name TEXT PRIMARY KEY, spec TEXT NOT NULL);
CREATE TABLE skills   (name TEXT PRIMARY KEY, spec TEXT NOT NULL);
CREATE TABLE policies (name TEXT PRIMARY KEY, spec TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE keys     (name TEXT PRIMARY KEY, spec TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE evidence (
  expert INTEGER NOT NULL REFERENCES names, source INTEGER NOT NULL REFERENCES names,
  updated INTEGER NOT NULL, cells BLOB NOT NULL, UNIQUE (expert, source));
CREATE TABLE observations (
  seq INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES names, id TEXT NOT NULL,
  skill TEXT NOT NULL, scores BLOB NOT NULL, prompt TEXT NOT NULL, UNIQUE (source, id));
CREATE TABLE decisions (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, time INTEGER NOT NULL, policy TEXT NOT NULL,
  expert TEXT NOT NULL, skill TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE TABLE decision_bodies (
  seq INTEGER PRIMARY KEY, request_id TEXT NOT NULL, json TEXT NOT NULL);
CREATE TABLE blobs (key TEXT PRIMARY KEY, value BLOB NOT NULL);
)sql";

// feedback.scores and skills: as observations.scores, the latter by skill.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE feedback (
  decision TEXT NOT NULL, key TEXT NOT NULL, time INTEGER NOT NULL, decided INTEGER NOT NULL,
  scores BLOB NOT NULL, skills BLOB NOT NULL,
  PRIMARY KEY (decision, key)) WITHOUT ROWID;
)sql";

// seq: the order of arrival. skills and labels: how many, for lists.
constexpr const char* kVersion3 = R"sql(
CREATE TABLE proposals (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, name TEXT NOT NULL,
  status TEXT NOT NULL, skills INTEGER NOT NULL, labels INTEGER NOT NULL, json TEXT NOT NULL);
)sql";

// The rest of TrainingMark beside `trained`, the revision; until here every start trained.
constexpr const char* kVersion4 = R"sql(
ALTER TABLE registry ADD COLUMN trained INTEGER NOT NULL DEFAULT 0;
ALTER TABLE registry ADD COLUMN feedback_waiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE registry ADD COLUMN feedback_taken INTEGER NOT NULL DEFAULT 0;
UPDATE registry SET trained = revision;
)sql";

// decision_log: seq is the order of arrival; body is packed JSON (decision_packing.h). There is one
// index, on ids that grow with time: it is written at its end. decision_blocks.columns:
// decision_block.h. usage_sums.kind: UsageGroup. The tables decisions and decision_bodies of before
// go when old_decisions.h has moved what is in them.
constexpr const char* kVersion5 = R"sql(
CREATE TABLE decision_log (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, time INTEGER NOT NULL, request_id TEXT NOT NULL,
  policy TEXT NOT NULL, expert TEXT NOT NULL, skill TEXT NOT NULL, outcome TEXT NOT NULL,
  status INTEGER NOT NULL, client TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, latency_ms REAL NOT NULL,
  calls INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX decision_ids ON decision_log (id);
CREATE TABLE decision_blocks (
  block INTEGER PRIMARY KEY, oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
  columns BLOB NOT NULL);
CREATE TABLE usage (
  hour INTEGER NOT NULL, policy TEXT NOT NULL, expert TEXT NOT NULL, skill TEXT NOT NULL,
  client TEXT NOT NULL, requests INTEGER NOT NULL, errors INTEGER NOT NULL,
  cancelled INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
  cost_usd REAL NOT NULL, latency_ms REAL NOT NULL, calls INTEGER NOT NULL,
  PRIMARY KEY (hour, policy, expert, skill, client)) WITHOUT ROWID;
CREATE TABLE usage_sums (
  kind INTEGER NOT NULL, hour INTEGER NOT NULL, value TEXT NOT NULL, requests INTEGER NOT NULL,
  errors INTEGER NOT NULL, cancelled INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, latency_ms REAL NOT NULL,
  calls INTEGER NOT NULL, PRIMARY KEY (kind, hour, value)) WITHOUT ROWID;
)sql";

// place: hours since 1970 times 1,024, and a number within the hour; cells: how many. head and
// body: usage_part.h. The tables usage and usage_sums go when old_usage.h has moved what is in
// them.
constexpr const char* kVersion6 = R"sql(
CREATE TABLE usage_parts (
  place INTEGER PRIMARY KEY, cells INTEGER NOT NULL, head BLOB NOT NULL, body BLOB NOT NULL);
)sql";

// open: there is work to do; owner and until: the lease (job_store.h).
constexpr const char* kVersion7 = R"sql(
CREATE TABLE jobs (
  kind TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, state TEXT NOT NULL,
  open INTEGER NOT NULL, json TEXT NOT NULL, wish TEXT NOT NULL, owner TEXT NOT NULL,
  until INTEGER NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX open_jobs ON jobs (kind, id) WHERE open = 1;
)sql";

// The record of changes. Nothing that is in it is changed or removed, by whatever program.
constexpr const char* kVersion8 = R"sql(
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, revision INTEGER NOT NULL,
  who TEXT NOT NULL, through TEXT NOT NULL, request_id TEXT NOT NULL, action TEXT NOT NULL,
  kind TEXT NOT NULL, name TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the record of changes is append only'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the record of changes is append only'); END;
)sql";

// feedback.judged: whether scores say how correct it was. helpfulness: below 0 where it is not
// said.
constexpr const char* kVersion9 = R"sql(
ALTER TABLE feedback ADD COLUMN judged INTEGER NOT NULL DEFAULT 1;
ALTER TABLE feedback ADD COLUMN helpfulness REAL NOT NULL DEFAULT -1;
)sql";

constexpr const char* kMigrations[] = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5,
                                       kVersion6, kVersion7, kVersion8, kVersion9};

// Of the newest version.
constexpr const char* kTables[] = {
    "registry", "backends",    "experts",      "skills",          "policies", "keys",
    "names",    "evidence",    "blobs",        "observations",    "feedback", "proposals",
    "jobs",     "usage_parts", "decision_log", "decision_blocks", "audit"};

Status RefuseNewer(const Database& database, std::int64_t found, std::size_t known) {
  return Error{
      .code = ErrorCode::kInternal,
      .message = "the store `" + database.path() + "` has schema version " + std::to_string(found) +
                 ", but moerge " MOERGE_VERSION " knows versions up to " + std::to_string(known) +
                 ". Run the moerge that wrote it or a newer one, or name another store",
      .param = "store"};
}

Status RefuseForeign(const Database& database) {
  return Error{.code = ErrorCode::kInternal,
               .message = "the store `" + database.path() +
                          "` is a SQLite database of another program; name another file",
               .param = "store"};
}

Status Step(Database& database, std::span<const char* const> migrations) {
  Transaction transaction(database);
  if (Status begun = transaction.Begin(); !begun.ok()) return begun;
  // Read under the lock: another moerge may have migrated meanwhile.
  const auto version = database.Number("PRAGMA user_version");
  if (!version.ok()) return version.error();
  if (*version >= static_cast<std::int64_t>(migrations.size())) return Ok{};
  const std::string stamp = "PRAGMA application_id=" + std::to_string(kApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(*version + 1) + ";";
  Status done = database.Execute(migrations[static_cast<std::size_t>(*version)] + stamp);
  return done.ok() ? transaction.Commit() : done;
}

}  // namespace

std::span<const char* const> Migrations() { return kMigrations; }

Status CheckSchema(Database& database, std::span<const char* const> migrations) {
  const auto tables = database.Number("SELECT count(*) FROM sqlite_master");
  if (!tables.ok()) return tables.error();
  const auto application = database.Number("PRAGMA application_id");
  if (!application.ok()) return application.error();
  const auto version = database.Number("PRAGMA user_version");
  if (!version.ok()) return version.error();
  if (*application != kApplicationId && (*tables > 0 || *application != 0 || *version != 0)) {
    return RefuseForeign(database);
  }
  if (*version < 0 || *version > static_cast<std::int64_t>(migrations.size())) {
    return RefuseNewer(database, *version, migrations.size());
  }
  return Ok{};
}

Status CheckTables(Database& database) {
  Query query =
      database.Use("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?");
  for (const char* table : kTables) {
    const Result<bool> row = query.Bind(std::string_view(table)).Step();
    if (!row.ok()) return row.error();
    if (query.Int(0) == 0) {
      return Error{.code = ErrorCode::kInternal,
                   .message = "the store `" + database.path() + "` is damaged: its table `" +
                              table + "` is missing; restore the file from a copy or move it away",
                   .param = "store"};
    }
    if (Status done = query.Run(); !done.ok()) return done;
  }
  return Ok{};
}

Status CheckPages(Database& database, std::chrono::milliseconds budget) {
  database.SetDeadline(std::chrono::steady_clock::now() + budget);
  for (const char* table : kTables) {  // the small ones first
    Query query = database.Use("PRAGMA quick_check('" + std::string(table) + "')");
    const Result<bool> row = query.Step();
    if (!row.ok() && Database::Interrupted(row.error())) return Ok{};
    if (!row.ok()) return row.error();
    if (*row && query.Text(0) != "ok") {
      return Error{.code = ErrorCode::kInternal,
                   .message = "the store `" + database.path() + "` is damaged in its table `" +
                              table + "`; restore the file from a copy or move it away",
                   .detail = std::string(query.Text(0)),
                   .param = "store"};
    }
  }
  return Ok{};
}

Status CheckUsable(Database& database) {
  if (Status in_place = database.CheckInPlace(); !in_place.ok()) return in_place;
  const auto version = database.Number("PRAGMA user_version");
  if (!version.ok()) return version.error();
  const std::size_t known = Migrations().size();
  if (*version > static_cast<std::int64_t>(known)) return RefuseNewer(database, *version, known);
  return Ok{};
}

Status BeginWrite(Database& database, Transaction* transaction) {
  if (Status begun = transaction->Begin(); !begun.ok()) return begun;
  return CheckUsable(database);  // under the lock: nobody migrates meanwhile
}

Status Migrate(Database& database, std::span<const char* const> migrations) {
  while (true) {
    const auto version = database.Number("PRAGMA user_version");
    if (!version.ok()) return version.error();
    if (*version >= static_cast<std::int64_t>(migrations.size())) return Ok{};
    if (Status stepped = Step(database, migrations); !stepped.ok()) return stepped;
  }
}

}  // namespace moerge::sqlite
