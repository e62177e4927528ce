#include "registry/sqlite/job_rows.h"

#include <algorithm>
#include <string>

#include "registry/sqlite/durable.h"

namespace moerge::sqlite {
namespace {

using MaybeJob = std::optional<JobRecord>;

#define MOERGE_JOB_COLUMNS "kind, id, created, state, open, json, wish, owner, until"
constexpr const char* kGetJob = "SELECT " MOERGE_JOB_COLUMNS " FROM jobs WHERE kind = ? AND id = ?";
constexpr const char* kListJobs = "SELECT " MOERGE_JOB_COLUMNS
                                  " FROM jobs WHERE kind = ? AND (? = '' OR id < ?)"
                                  " AND (? = 0 OR state = ?) ORDER BY id DESC LIMIT ?";
constexpr const char* kOpenJobs =
    "SELECT " MOERGE_JOB_COLUMNS " FROM jobs WHERE kind = ? AND open = 1 ORDER BY id";
#undef MOERGE_JOB_COLUMNS
constexpr const char* kCountOpen =
    "SELECT COUNT(*), MIN(created) FROM jobs WHERE kind = ? AND open = 1";

JobRecord ReadJob(const Query& query) {
  JobRecord job;
  job.kind = query.Text(0);
  job.id = query.Text(1);
  job.created = query.Time(2);
  job.state = query.Text(3);
  job.open = query.Int(4) != 0;
  job.json = query.Text(5);
  job.wish = query.Text(6);
  job.owner = query.Text(7);
  job.until = query.Time(8);
  return job;
}

Result<MaybeJob> FindJob(Database& database, std::string_view kind, std::string_view id) {
  Query query = database.Use(kGetJob);
  const Result<bool> row = query.Bind(kind).Bind(id).Step();
  if (!row.ok()) return row.error();
  return *row ? MaybeJob(ReadJob(query)) : MaybeJob();
}

// State, open, json, wish, owner and until. REQUIRES: it is there.
Status Rewrite(Database& database, const JobRecord& job) {
  return database
      .Use(
          "UPDATE jobs SET state = ?, open = ?, json = ?, wish = ?, owner = ?, until = ?"
          " WHERE kind = ? AND id = ?")
      .Bind(job.state)
      .Bind(std::int64_t{job.open})
      .Bind(job.json)
      .Bind(job.wish)
      .Bind(job.owner)
      .Bind(job.until)
      .Bind(job.kind)
      .Bind(job.id)
      .Run();
}

Result<MaybeJob> FirstFree(Database& database, const JobClaim& claim) {
  Query query = database.Use(kOpenJobs);
  query.Bind(claim.kind);
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return MaybeJob();
    JobRecord job = ReadJob(query);
    if (claim.May(job)) return MaybeJob(std::move(job));
  }
}

}  // namespace

Status JobRows::Add(const JobRecord& job) {
  const Result<bool> added = Durably<bool>(database_, [&]() -> Result<bool> {
    const Result<MaybeJob> known = FindJob(database_, job.kind, job.id);
    if (!known.ok()) return known.error();
    if (known->has_value()) {
      return Error{ErrorCode::kConflict, "there is a " + job.kind + " `" + job.id + "` already"};
    }
    Query query = database_.Use("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query.Bind(job.kind).Bind(job.id).Bind(job.created).Bind(job.state);
    query.Bind(std::int64_t{job.open}).Bind(job.json).Bind(job.wish).Bind(job.owner);
    if (Status done = query.Bind(job.until).Run(); !done.ok()) return done.error();
    return true;
  });
  return added.ok() ? Status(Ok{}) : added.error();
}

Result<MaybeJob> JobRows::Get(std::string_view kind, std::string_view id) {
  return FindJob(database_, kind, id);
}

Result<std::vector<JobRecord>> JobRows::List(const JobFilter& filter) {
  Query query = database_.Use(kListJobs);
  const std::string state = filter.state.value_or("");
  query.Bind(filter.kind).Bind(filter.before_id).Bind(filter.before_id);
  query.Bind(std::int64_t{filter.state.has_value()}).Bind(state);
  query.Bind(std::int64_t{std::max(filter.limit, 1)});
  std::vector<JobRecord> page;
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return page;
    page.push_back(ReadJob(query));
  }
}

Result<OpenJobs> JobRows::Open(std::string_view kind) {
  Query query = database_.Use(kCountOpen);
  const Result<bool> row = query.Bind(kind).Step();
  if (!row.ok()) return row.error();
  OpenJobs open;
  if (*row) open.count = query.Int(0);
  if (open.count > 0) open.oldest = query.Time(1);
  return open;
}

Result<bool> JobRows::Remove(std::string_view kind, std::string_view id) {
  return Durably<bool>(database_, [&]() -> Result<bool> {
    const Result<MaybeJob> known = FindJob(database_, kind, id);
    if (!known.ok()) return known.error();
    Query query = database_.Use("DELETE FROM jobs WHERE kind = ? AND id = ?");
    if (Status done = query.Bind(kind).Bind(id).Run(); !done.ok()) return done.error();
    return known->has_value();
  });
}

Result<MaybeJob> JobRows::Claim(const JobClaim& claim) {
  // Asked often and mostly for nothing: only what looks free is worth a transaction.
  const Result<MaybeJob> free = FirstFree(database_, claim);
  if (!free.ok() || !free->has_value()) return free;
  return Durably<MaybeJob>(database_, [&]() -> Result<MaybeJob> {
    Result<MaybeJob> job = FirstFree(database_, claim);
    if (!job.ok() || !job->has_value()) return job;
    (*job)->owner = claim.owner;
    (*job)->until = claim.until;
    if (Status done = Rewrite(database_, **job); !done.ok()) return done.error();
    return job;
  });
}

Result<std::optional<std::string>> JobRows::Keep(const JobRecord& job) {
  using Wished = std::optional<std::string>;
  return Durably<Wished>(database_, [&]() -> Result<Wished> {
    const Result<MaybeJob> kept = FindJob(database_, job.kind, job.id);
    if (!kept.ok()) return kept.error();
    if (!kept->has_value() || !(*kept)->open || (*kept)->owner != job.owner) return Wished();
    JobRecord fresh = job;
    fresh.wish = (*kept)->wish;
    if (job.open && !fresh.wish.empty()) fresh.state = (*kept)->state;
    if (!job.open) fresh.owner.clear();
    if (Status done = Rewrite(database_, fresh); !done.ok()) return done.error();
    return Wished(fresh.wish);
  });
}

Result<MaybeJob> JobRows::Wish(std::string_view kind, std::string_view id, std::string_view wish,
                               std::string_view state) {
  return Durably<MaybeJob>(database_, [&]() -> Result<MaybeJob> {
    Result<MaybeJob> job = FindJob(database_, kind, id);
    if (!job.ok() || !job->has_value() || !(*job)->open) {
      return job.ok() ? Result<MaybeJob>(MaybeJob()) : job;
    }
    (*job)->wish = wish;
    (*job)->state = state;
    if (Status done = Rewrite(database_, **job); !done.ok()) return done.error();
    return job;
  });
}

}  // namespace moerge::sqlite
