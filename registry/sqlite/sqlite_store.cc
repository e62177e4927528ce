#include "registry/sqlite/sqlite_store.h"

#include <algorithm>
#include <utility>

#include "registry/sqlite/decision_rows.h"
#include "registry/sqlite/entities.h"
#include "registry/sqlite/evidence_rows.h"
#include "registry/sqlite/feedback_rows.h"
#include "registry/sqlite/observation_rows.h"
#include "registry/sqlite/proposal_rows.h"
#include "registry/sqlite/schema.h"

namespace moerge {
namespace {

using sqlite::Database;
using sqlite::Transaction;

// Decisions can wait for their next turn; the store thread has other things to do.
constexpr std::chrono::milliseconds kDecisionPatience{100};

// WAL: readers and the writer do not wait for each other. NORMAL: Apply asks for more. The limit
// gives the disk back what a large import took.
constexpr const char* kSettings =
    "PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY;";

class SqliteStore : public Store {
 public:
  SqliteStore(std::unique_ptr<Database> database, std::chrono::milliseconds patience)
      : database_(std::move(database)), names_(*database_), patience_(patience) {}

  Result<StoredState> Load() override;
  Result<std::uint64_t> Apply(const StoreChange& change) override;
  Status VisitObservations(const std::function<bool(const Observation&)>& visit) override;

  Status AddDecisions(const std::vector<DecisionRecord>& decisions) override;
  Result<std::vector<DecisionRecord>> ListDecisions(const DecisionFilter& filter) override {
    return sqlite::ListDecisions(*database_, filter);
  }
  Result<std::optional<DecisionRecord>> GetDecision(std::string_view id) override {
    return sqlite::GetDecision(*database_, id);
  }
  Result<std::optional<Feedback>> GetFeedback(std::string_view decision,
                                              std::string_view key) override;
  Status TrimDecisions(const DecisionRetention& keep) override;

  Result<std::vector<ProposalRecord>> ListProposals() override {
    return sqlite::ListProposals(*database_);
  }
  Result<std::optional<ProposalRecord>> GetProposal(std::string_view id) override {
    return sqlite::GetProposal(*database_, id);
  }

  Result<std::optional<std::string>> GetBlob(std::string_view key) override;
  Status PutBlob(std::string_view key, std::string_view value) override;

 private:
  Result<std::uint64_t> ApplyDurably(const StoreChange& change);
  Status Write(const StoreChange& change);
  Result<std::uint64_t> Revision();

  std::unique_ptr<Database> database_;
  sqlite::Names names_;
  const std::chrono::milliseconds patience_;
};

Result<StoredState> SqliteStore::Load() {
  // One read transaction, so that all parts are of one moment.
  if (Status begun = database_->Execute("BEGIN"); !begun.ok()) return begun.error();
  StoredState state;
  Status loaded = sqlite::LoadEntities(*database_, &state);
  if (loaded.ok()) loaded = names_.Load();
  if (loaded.ok()) loaded = sqlite::LoadEvidence(*database_, names_, &state.evidence);
  const Result<std::uint64_t> revision = Revision();
  (void)database_->Execute("COMMIT");  // nothing was written
  if (!loaded.ok()) return loaded.error();
  if (!revision.ok()) return revision.error();
  state.revision = *revision;
  return state;
}

Result<std::uint64_t> SqliteStore::Revision() {
  const auto revision = database_->Number("SELECT revision FROM registry");
  if (!revision.ok()) return revision.error();
  return static_cast<std::uint64_t>(*revision);
}

Result<std::uint64_t> SqliteStore::Apply(const StoreChange& change) {
  if (Status s = database_->Execute("PRAGMA synchronous=FULL"); !s.ok()) return s.error();
  Result<std::uint64_t> revision = ApplyDurably(change);
  if (!revision.ok()) names_.Forget();
  (void)database_->Execute("PRAGMA synchronous=NORMAL");  // FULL is slower, not wrong
  return revision;
}

Result<std::uint64_t> SqliteStore::ApplyDurably(const StoreChange& change) {
  Transaction transaction(*database_);
  if (Status begun = transaction.Begin(); !begun.ok()) return begun.error();
  if (Status written = Write(change); !written.ok()) return written.error();
  const Result<std::uint64_t> revision = Revision();
  if (!revision.ok()) return revision;
  if (Status committed = transaction.Commit(); !committed.ok()) return committed.error();
  return revision;
}

Status SqliteStore::Write(const StoreChange& change) {
  // Again, since another program may have added names; a few milliseconds for thousands.
  Status s = names_.Load();
  if (s.ok()) s = sqlite::ForgetEvidence(*database_, names_, change.forget_sources);
  if (s.ok()) s = sqlite::ForgetEvidence(*database_, names_, change.forget_evidence);
  if (s.ok()) s = sqlite::ForgetObservations(*database_, names_, change.forget_sources);
  if (s.ok()) s = sqlite::ForgetObservations(*database_, names_, change.forget_observations);
  if (s.ok()) s = sqlite::WriteEntities(*database_, change);
  if (s.ok()) s = sqlite::AddObservations(*database_, names_, change.add_observations);
  for (const StoreChange::Limit& limit : change.limit_observations) {
    if (s.ok()) s = sqlite::LimitObservations(*database_, names_, limit);
  }
  if (s.ok()) s = sqlite::PutEvidence(*database_, names_, change.put_evidence);
  if (s.ok()) s = sqlite::PutFeedback(*database_, names_, change.put_feedback);
  if (s.ok()) s = sqlite::WriteProposals(*database_, change);
  if (s.ok()) s = database_->Use("UPDATE registry SET revision = revision + 1").Run();
  return s;
}

Status SqliteStore::VisitObservations(const std::function<bool(const Observation&)>& visit) {
  if (Status loaded = names_.Load(); !loaded.ok()) return loaded;
  return sqlite::VisitObservations(*database_, names_, visit);
}

Status SqliteStore::AddDecisions(const std::vector<DecisionRecord>& decisions) {
  database_->SetBusyTimeout(std::min(kDecisionPatience, patience_));
  Transaction transaction(*database_);
  Status s = transaction.Begin();
  if (s.ok()) s = sqlite::AddDecisions(*database_, decisions);
  if (s.ok()) s = transaction.Commit();
  database_->SetBusyTimeout(patience_);
  return s;
}

Result<std::optional<Feedback>> SqliteStore::GetFeedback(std::string_view decision,
                                                         std::string_view key) {
  if (Status loaded = names_.Load(); !loaded.ok()) return loaded.error();
  return sqlite::GetFeedback(*database_, names_, decision, key);
}

Status SqliteStore::TrimDecisions(const DecisionRetention& keep) {
  database_->SetBusyTimeout(std::min(kDecisionPatience, patience_));
  Status s = sqlite::TrimDecisions(*database_, keep, std::chrono::system_clock::now());
  if (s.ok()) s = sqlite::TrimFeedback(*database_);
  database_->SetBusyTimeout(patience_);
  return s;
}

Result<std::optional<std::string>> SqliteStore::GetBlob(std::string_view key) {
  sqlite::Query query = database_->Use("SELECT value FROM blobs WHERE key = ?");
  const Result<bool> row = query.Bind(key).Step();
  if (!row.ok()) return row.error();
  return *row ? std::optional(std::string(query.Text(0))) : std::nullopt;
}

Status SqliteStore::PutBlob(std::string_view key, std::string_view value) {
  return database_->Use("INSERT OR REPLACE INTO blobs VALUES (?, ?)")
      .Bind(key)
      .BindBlob(value)
      .Run();
}

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                               const sqlite::Options& options) {
  Result<std::unique_ptr<Database>> database = Database::Open(path, options);
  if (!database.ok()) return database.error();
  Database& opened = **database;
  if (Status ours = sqlite::CheckSchema(opened); !ours.ok()) return ours.error();
  // Pages that hold several decisions: a quarter of the writes. Only a new file takes it.
  if (Status s = opened.Execute("PRAGMA page_size=16384"); !s.ok()) return s.error();
  // A file system without shared memory keeps its rollback journal: slower, as durable.
  if (Status s = opened.Execute("PRAGMA journal_mode=WAL"); !s.ok()) return s.error();
  if (Status s = sqlite::Migrate(opened); !s.ok()) return s.error();
  if (Status s = opened.Execute(kSettings); !s.ok()) return s.error();
  return std::unique_ptr<Store>(
      std::make_unique<SqliteStore>(*std::move(database), options.busy_timeout));
}

}  // namespace moerge
