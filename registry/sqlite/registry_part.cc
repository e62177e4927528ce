#include "registry/sqlite/registry_part.h"

#include "registry/revision.h"
#include "registry/sqlite/audit_rows.h"
#include "registry/sqlite/durable.h"
#include "registry/sqlite/entities.h"
#include "registry/sqlite/evidence_rows.h"
#include "registry/sqlite/feedback_rows.h"
#include "registry/sqlite/observation_rows.h"
#include "registry/sqlite/proposal_rows.h"
#include "registry/training_trigger.h"

namespace moerge::sqlite {

Result<StoredState> RegistryPart::Load() {
  // One read transaction, so that all parts are of one moment.
  if (Status begun = database_.Execute("BEGIN"); !begun.ok()) return begun.error();
  StoredState state;
  Status loaded = CheckUsable(database_);
  if (loaded.ok()) loaded = LoadEntities(database_, &state);
  if (loaded.ok()) loaded = names_.Load();
  if (loaded.ok()) loaded = LoadEvidence(database_, names_, &state.evidence);
  const Result<Mark> mark = ReadMark();
  (void)database_.Execute("COMMIT");  // nothing was written
  if (!loaded.ok()) return loaded.error();
  if (!mark.ok()) return mark.error();
  state.revision = mark->revision;
  state.training = mark->training;
  return state;
}

Result<std::uint64_t> RegistryPart::Revision() {
  if (Status usable = CheckUsable(database_); !usable.ok()) return usable.error();
  const auto revision = database_.Number("SELECT revision FROM registry");
  if (!revision.ok()) return revision.error();
  return static_cast<std::uint64_t>(*revision);
}

Result<RegistryPart::Mark> RegistryPart::ReadMark() {
  Query query =
      database_.Use("SELECT revision, trained, feedback_waiting, feedback_taken FROM registry");
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  if (!*row) return Mark{};
  const auto at = [&](int column) { return static_cast<std::uint64_t>(query.Int(column)); };
  return Mark{at(0), {at(1), at(2), at(3)}};
}

Result<std::uint64_t> RegistryPart::Apply(const StoreChange& change, std::uint64_t expected) {
  Result<std::uint64_t> revision =
      Durably<std::uint64_t>(database_, [&] { return ApplyLocked(change, expected); });
  if (!revision.ok()) names_.Forget();
  return revision;
}

Result<std::uint64_t> RegistryPart::ApplyLocked(const StoreChange& change, std::uint64_t expected) {
  Result<Mark> mark = ReadMark();
  if (!mark.ok()) return mark.error();
  if (mark->revision != expected) return RevisionMoved(mark->revision, expected);
  mark->training = MarkAfter(mark->training, change, ++mark->revision);
  if (Status written = Write(change); !written.ok()) return written.error();
  if (Status written = WriteMark(*mark); !written.ok()) return written.error();
  return mark->revision;
}

Status RegistryPart::Write(const StoreChange& change) {
  // Read again, since another program may have added names; a few milliseconds for thousands.
  Status s = names_.Load();
  if (s.ok()) s = ForgetEvidence(database_, names_, change.forget_sources);
  if (s.ok()) s = ForgetEvidence(database_, names_, change.forget_evidence);
  if (s.ok()) s = ForgetObservations(database_, names_, change.forget_sources);
  if (s.ok()) s = ForgetObservations(database_, names_, change.forget_observations);
  if (s.ok()) s = WriteEntities(database_, change);
  if (s.ok()) s = AddObservations(database_, names_, change.add_observations);
  for (const StoreChange::Limit& limit : change.limit_observations) {
    if (s.ok()) s = LimitObservations(database_, names_, limit);
  }
  if (s.ok()) s = PutEvidence(database_, names_, change.put_evidence);
  if (s.ok()) s = PutFeedback(database_, names_, change.put_feedback);
  if (s.ok()) s = WriteProposals(database_, change);
  if (s.ok()) s = AddAudit(database_, change.audit);
  return s;
}

Status RegistryPart::WriteMark(const Mark& mark) {
  return database_
      .Use(
          "UPDATE registry SET revision = ?, trained = ?, feedback_waiting = ?, feedback_taken = ?")
      .Bind(static_cast<std::int64_t>(mark.revision))
      .Bind(static_cast<std::int64_t>(mark.training.revision))
      .Bind(static_cast<std::int64_t>(mark.training.waiting))
      .Bind(static_cast<std::int64_t>(mark.training.taken))
      .Run();
}

}  // namespace moerge::sqlite
