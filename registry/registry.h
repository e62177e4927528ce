// The one registry of everything moerge knows about experts, and the one writer that publishes
// snapshots of it. Entries come from three places (built in, configuration file, store) and look
// the same to readers.
//
// Threads: Current() any thread, a mutex around one pointer copy. Changes are serialised on the
// store thread: durable first, then visible, then the callback runs; each raises the revision by
// one. Other processes may change the same store: what they wrote is in force within a second, and
// a change of ours that they overtook is checked and worked out again. A store that is gone, went
// back or holds what cannot be put in force here leaves what is in force as it is, refuses changes
// and says why (StoreThread::health).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "registry/snapshot.h"
#include "registry/store.h"
#include "registry/store_thread.h"

namespace moerge {

// What does not come from the store: the built-in part (origin kBuiltIn) and the file's (any other
// origin). A name in both is an error except for skills and the policy "auto", where the file
// replaces the built-in one. A name in the file and in the store is an error; a store's entry hides
// a built-in one, so that a newer moerge that ships a name already taken still starts.
struct DeclaredState {
  std::vector<Backend> backends;
  std::vector<Expert> experts;
  std::vector<Skill> skills;
  std::vector<Policy> policies;
  std::vector<ApiKey> keys;
  std::string file;  // the configuration file's name, for error texts; may be empty
  std::chrono::seconds half_life{0};  // of evidence; 0: it does not age
};

class Registry {
 public:
  // Runs on the store thread for every new snapshot BEFORE it is visible to Current(), so that
  // whatever is derived from it is there first. In the order of OnPublish, all before Start.
  using Prepare = std::function<void(const SnapshotPtr&)>;
  // On the store thread; when its queue is full, at once on the caller's.
  using Done = std::function<void(Result<std::uint64_t>)>;

  explicit Registry(StoreThread& store);
  ~Registry();

  void OnPublish(Prepare prepare);

  // Loads the store and publishes the first snapshot. Blocking. Errors: what Store::Load says; a
  // name that is both in the file and in the store; an expert whose backend does not exist.
  Status Start(DeclaredState declared);
  // Replaces the declared part (reload). On an error the old one stays in force. Blocking.
  Result<std::uint64_t> Redeclare(DeclaredState declared, ChangeAuthor by = {});

  SnapshotPtr Current() const;
  // Publishes again, at the same revision, if evidence has aged by a day since. Any thread; the
  // store thread does it by itself once a minute.
  void Age(WallTime now);

  // Looks at once whether another process wrote to the store; the store thread does it by itself
  // twice a second. Blocking.
  void Refresh();

  // Validates against the current state (names, ranges, references, origin), applies, publishes.
  // Errors: kInvalid with `param`, kNotFound, kConflict ("belongs to the configuration file"),
  // kOverloaded when the store thread's queue is full, kUnavailable when the store is locked or
  // others keep changing it, kInternal when the disk fails.
  // Every changed thing goes on the record (audit.h) in the name of `change.by`.
  void Change(StoreChange change, Done done);
  // The same for a change that is worked out from what is there, on the store thread, so that
  // nothing comes between reading and writing; decisions added so far are there. `make` must own
  // what it uses and bear being called again, when another process was faster; its error is the
  // change's.
  using Make = std::function<Result<StoreChange>(Store&, const StoredState&)>;
  void Change(Make make, Done done, ChangeAuthor by = {});
  Result<std::uint64_t> ChangeAndWait(StoreChange change);  // blocking: not on an event loop

 private:
  struct Impl;
  // Gives what is to be changed, which it owns: the same each time, or worked out again.
  using Source = std::function<Result<StoreChange*>(Store&, const StoredState&)>;
  void Enqueue(Source source, Done done, bool (StoreThread::*post)(StoreThread::Job));
  std::shared_ptr<Impl> impl_;
};

// Snapshots without a store, for the command line and for tests. Same errors as Registry::Start.
// `now` matters where evidence ages: equal input and an equal day give equal snapshots.
Result<SnapshotPtr> BuildSnapshot(const DeclaredState& declared, const StoredState& stored,
                                  WallTime now = std::chrono::system_clock::now());

// Process-wide names to ids. Any thread.
ExpertId InternExpert(std::string_view name);
SkillId InternSkill(std::string_view name);
std::vector<SkillId> InternSkills(std::span<const std::string> names);
std::string_view NameOf(ExpertId id);  // valid for ever
std::string_view NameOf(SkillId id);

}  // namespace moerge
