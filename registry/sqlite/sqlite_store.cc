#include "registry/sqlite/sqlite_store.h"

#include <algorithm>
#include <utility>

#include "registry/decision_log.h"
#include "registry/sqlite/audit_rows.h"
#include "registry/sqlite/decision_rows.h"
#include "registry/sqlite/feedback_rows.h"
#include "registry/sqlite/job_rows.h"
#include "registry/sqlite/observation_rows.h"
#include "registry/sqlite/proposal_rows.h"
#include "registry/sqlite/registry_part.h"
#include "registry/sqlite/schema.h"
#include "registry/sqlite/tidy.h"
#include "registry/sqlite/usage_rows.h"

namespace moerge {
namespace {

using sqlite::Database;
using sqlite::Names;
using sqlite::Transaction;

// Decisions can wait for their next turn; the store thread has other things to do.
constexpr std::chrono::milliseconds kDecisionPatience{100};

// WAL: readers and the writer do not wait for each other. NORMAL: Apply asks for more. The limit
// gives the disk back what a large import took.
constexpr const char* kSettings =
    "PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY;";

class SqliteObservations : public ObservationLog {
 public:
  SqliteObservations(Database& database, Names& names) : database_(database), names_(names) {}

  Status Visit(const std::function<bool(const Observation&)>& visit) override {
    if (Status loaded = names_.Load(); !loaded.ok()) return loaded;
    return sqlite::VisitObservations(database_, names_, visit);
  }
  Result<std::optional<Feedback>> FindFeedback(std::string_view decision,
                                               std::string_view key) override {
    if (Status loaded = names_.Load(); !loaded.ok()) return loaded.error();
    return sqlite::GetFeedback(database_, names_, decision, key);
  }
  Result<std::vector<Feedback>> ListFeedback(int limit) override {
    if (Status loaded = names_.Load(); !loaded.ok()) return loaded.error();
    return sqlite::ListFeedback(database_, names_, limit);
  }
  Result<std::vector<Feedback>> FeedbackOn(std::string_view decision) override {
    return sqlite::ListFeedbackOn(database_, names_, decision);
  }

 private:
  Database& database_;
  Names& names_;
};

class SqliteProposals : public ProposalStore {
 public:
  explicit SqliteProposals(Database& database) : database_(database) {}

  Result<std::vector<ProposalRecord>> List() override { return sqlite::ListProposals(database_); }
  Result<std::optional<ProposalRecord>> Get(std::string_view id) override {
    return sqlite::GetProposal(database_, id);
  }

 private:
  Database& database_;
};

class SqliteAudit : public AuditLog {
 public:
  explicit SqliteAudit(Database& database) : database_(database) {}

  Result<std::vector<AuditRecord>> List(const AuditFilter& filter) override {
    return sqlite::ListAudit(database_, filter);
  }

 private:
  Database& database_;
};

// What is asked of kept decisions, on the store's own connection or on another one.
template <class Base>
class SqliteReads : public Base {
 public:
  explicit SqliteReads(Database& database) : database_(database) {}

  Result<std::vector<DecisionRecord>> List(const DecisionFilter& filter) override {
    return sqlite::ListDecisions(database_, filter);
  }
  Result<std::optional<DecisionRecord>> Get(std::string_view id) override {
    return sqlite::GetDecision(database_, id);
  }
  Result<std::vector<UsageRow>> Usage(const UsageFilter& filter) override {
    auto rows = sqlite::ListUsage(database_, filter);
    if (!rows.ok() || !filter.percentiles) return rows;
    Status added = sqlite::AddUsagePercentiles(database_, filter, &*rows);
    if (!added.ok()) return std::move(added).error();
    return rows;
  }

 protected:
  Database& database_;
};

class SqliteDecisions : public SqliteReads<DecisionLog> {
 public:
  SqliteDecisions(Database& database, std::chrono::milliseconds patience)
      : SqliteReads(database), patience_(patience) {}

  Status Add(const std::vector<DecisionRecord>& decisions) override {
    database_.SetBusyTimeout(std::min(kDecisionPatience, patience_));
    Transaction transaction(database_);
    Status s = sqlite::BeginWrite(database_, &transaction);
    if (s.ok()) s = sqlite::AddDecisions(database_, decisions);
    if (s.ok()) s = transaction.Commit();
    database_.SetBusyTimeout(patience_);
    return s;
  }
  Result<bool> Tidy(const DecisionRetention& keep) override {
    database_.SetBusyTimeout(std::min(kDecisionPatience, patience_));
    Result<bool> more = sqlite::TidyDecisions(database_, keep, std::chrono::system_clock::now());
    database_.SetBusyTimeout(patience_);
    return more;
  }

 private:
  const std::chrono::milliseconds patience_;
};

class SqliteReader : public StoreReader {
 public:
  explicit SqliteReader(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  DecisionQueries& decisions() override { return queries_; }
  Status CheckFile(std::chrono::milliseconds budget) override {
    // On one more connection, whose deadline and page cache are gone with it.
    const auto apart = Database::Open(database_->path(), {.read_only = true});
    return apart.ok() ? sqlite::CheckPages(**apart, budget) : apart.error();
  }

 private:
  std::unique_ptr<Database> database_;
  SqliteReads<DecisionQueries> queries_{*database_};
};

class SqliteBlobs : public BlobStore {
 public:
  explicit SqliteBlobs(Database& database) : database_(database) {}

  Result<std::optional<std::string>> Get(std::string_view key) override {
    sqlite::Query query = database_.Use("SELECT value FROM blobs WHERE key = ?");
    const Result<bool> row = query.Bind(key).Step();
    if (!row.ok()) return row.error();
    return *row ? std::optional(std::string(query.Text(0))) : std::nullopt;
  }
  Status Put(std::string_view key, std::string_view value) override {
    return database_.Use("INSERT OR REPLACE INTO blobs VALUES (?, ?)")
        .Bind(key)
        .BindBlob(value)
        .Run();
  }

 private:
  Database& database_;
};

class SqliteStore : public Store {
 public:
  SqliteStore(std::unique_ptr<Database> database, std::chrono::milliseconds patience)
      : database_(std::move(database)), names_(*database_), decisions_(*database_, patience) {}

  RegistryStore& registry() override { return registry_; }
  ObservationLog& observations() override { return observations_; }
  ProposalStore& proposals() override { return proposals_; }
  AuditLog& audit() override { return audit_; }
  DecisionLog& decisions() override { return decisions_; }
  BlobStore& blobs() override { return blobs_; }
  JobStore& jobs() override { return jobs_; }
  Result<std::unique_ptr<StoreReader>> OpenReader() override {
    auto database = Database::Open(database_->path(), {.read_only = true});
    if (!database.ok()) return std::move(database).error();
    return std::unique_ptr<StoreReader>(std::make_unique<SqliteReader>(*std::move(database)));
  }

 private:
  std::unique_ptr<Database> database_;
  Names names_;
  sqlite::RegistryPart registry_{*database_, names_};
  SqliteObservations observations_{*database_, names_};
  SqliteProposals proposals_{*database_};
  SqliteAudit audit_{*database_};
  SqliteDecisions decisions_;
  SqliteBlobs blobs_{*database_};
  sqlite::JobRows jobs_{*database_};
};

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
  if (Status s = sqlite::CheckTables(opened); !s.ok()) return s.error();
  if (Status s = opened.Execute(kSettings); !s.ok()) return s.error();
  return std::unique_ptr<Store>(
      std::make_unique<SqliteStore>(*std::move(database), options.busy_timeout));
}

}  // namespace moerge
