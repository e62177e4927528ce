// Durable work that outlives a request, and what it works on: kept as records, claimed by lease, so
// that of several processes one at a time works on each and a dead one's work is taken over.
//
// A part of Store, with the same rules: blocking, on the store thread, durable when a call returns.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/types.h"

namespace moerge {

struct JobRecord {
  std::string kind = {};  // of record: lists and claims are of one kind
  std::string id = {};  // unique within its kind; later ones are greater (config/base/ordered_id.h)
  WallTime created = {};
  std::string state = {};  // for lists, the kind's own words
  bool open = false;       // there is work to do: it can be claimed
  std::string json = {};   // all else, the kind's own
  std::string wish = {};   // what was asked of the one that works on it, for example "cancel"
  std::string owner = {};  // who holds the lease; empty: nobody ever did, or it was given back
  WallTime until = {};     // when that ends
  bool operator==(const JobRecord&) const = default;
};

struct JobFilter {
  std::string kind = {};
  std::optional<std::string> state = {};
  std::string before_id = {};  // page: records older than this one; empty: from the newest
  int limit = 20;              // 1..10,000
};

// Who wants a job, and until when.
struct JobClaim {
  std::string kind = {};
  std::string owner = {};
  std::vector<std::string> held = {};  // of the owner's, which it works on
  WallTime now = {};
  WallTime until = {};
  // Whether that owner is known to be dead, so that its lease counts no more; null: nothing is
  // known of any.
  std::function<bool(std::string_view)> is_dead = nullptr;

  // Whether it may have this one, which is open.
  bool May(const JobRecord& job) const;
};

// Jobs of a kind that are open.
struct OpenJobs {
  std::int64_t count = 0;
  WallTime oldest = {};  // when the one was made that was made first; only if there are some
};

class JobStore {
 public:
  virtual ~JobStore() = default;

  // Error: kConflict, there is one of that kind and id.
  virtual Status Add(const JobRecord& job) = 0;
  virtual Result<std::optional<JobRecord>> Get(std::string_view kind, std::string_view id) = 0;
  // Newest first.
  virtual Result<std::vector<JobRecord>> List(const JobFilter& filter) = 0;
  virtual Result<OpenJobs> Open(std::string_view kind) = 0;
  // Whether it was there.
  virtual Result<bool> Remove(std::string_view kind, std::string_view id) = 0;

  // The oldest open job that `claim` may have, leased to its owner: one without a lease that runs
  // at `now`, of a dead owner, or with a lease twice as long as is asked for (the clock of whoever
  // gave it was ahead); or one that the owner holds already and does not name among `held`.
  // Nothing: there is none.
  virtual Result<std::optional<JobRecord>> Claim(const JobClaim& claim) = 0;
  // Writes state, open, json and until of a job that job.owner holds, and gives what is wished of
  // it. While it is open, the state that a wish has set stays. A job that is not open any more has
  // no owner afterwards. Nothing: somebody else holds it, or it is gone; nothing was written.
  virtual Result<std::optional<std::string>> Keep(const JobRecord& job) = 0;
  // Asks something of whoever works on it, and changes its state. Nothing: it is gone or not open
  // any more. The record as it is then.
  virtual Result<std::optional<JobRecord>> Wish(std::string_view kind, std::string_view id,
                                                std::string_view wish, std::string_view state) = 0;
};

}  // namespace moerge
