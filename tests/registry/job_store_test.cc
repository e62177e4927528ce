// The contract of JobStore, held by every store alike.
#include "registry/job_store.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/registry/store_fixture.h"

namespace moerge {
namespace {

constexpr const char* kBatch = "batch";

JobRecord OpenJob(const std::string& id, WallTime created) {
  JobRecord job;
  job.kind = kBatch;
  job.id = id;
  job.created = created;
  job.state = "waiting";
  job.open = true;
  job.json = "{\"id\":\"" + id + "\"}";
  return job;
}

template <class Kind>
class JobStoreTest : public testing::StoreTest<Kind> {
 protected:
  JobStore& jobs() { return this->store_->jobs(); }
  void Add(const std::string& id) { ASSERT_TRUE(jobs().Add(OpenJob(id, this->At(0))).ok()); }
  // The id of what `owner` gets at `now`, for ten seconds; "" for nothing.
  std::string Claim(const std::string& owner, int now, const std::vector<std::string>& held = {}) {
    const auto job = jobs().Claim({.kind = kBatch,
                                   .owner = owner,
                                   .held = held,
                                   .now = this->At(now),
                                   .until = this->At(now + 10),
                                   .is_dead = [this](std::string_view of) { return of == dead_; }});
    EXPECT_TRUE(job.ok());
    if (!job.ok() || !job->has_value()) return {};
    EXPECT_EQ((*job)->owner, owner);
    EXPECT_EQ((*job)->until, this->At(now + 10));
    return (*job)->id;
  }
  std::string Listed(const JobFilter& filter) {
    std::string ids;
    const auto listed = jobs().List(filter);
    for (const JobRecord& job : *listed) ids += job.id + " ";
    return ids;
  }

  std::string dead_;
};
TYPED_TEST_SUITE(JobStoreTest, testing::StoreKinds);

TYPED_TEST(JobStoreTest, WhatWasAddedIsThereAsItWas) {
  const JobRecord job = OpenJob("1", this->At(3));
  ASSERT_TRUE(this->jobs().Add(job).ok());
  EXPECT_EQ(**this->jobs().Get(kBatch, "1"), job);
  EXPECT_FALSE(this->jobs().Get(kBatch, "2")->has_value());
  EXPECT_FALSE(this->jobs().Get("file", "1")->has_value());
  const Status again = this->jobs().Add(job);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
}

TYPED_TEST(JobStoreTest, ListsAreOfOneKindNewestFirstByPage) {
  for (const char* id : {"1", "2", "3", "4"}) this->Add(id);
  JobRecord file = OpenJob("3", this->At(0));
  file.kind = "file";
  file.state = "done";
  ASSERT_TRUE(this->jobs().Add(file).ok());
  EXPECT_EQ(this->Listed({.kind = kBatch}), "4 3 2 1 ");
  EXPECT_EQ(this->Listed({.kind = kBatch, .limit = 2}), "4 3 ");
  EXPECT_EQ(this->Listed({.kind = kBatch, .before_id = "3", .limit = 2}), "2 1 ");
  EXPECT_EQ(this->Listed({.kind = "file"}), "3 ");
  EXPECT_EQ(this->Listed({.kind = "file", .state = "waiting"}), "");
  EXPECT_EQ(this->Listed({.kind = "file", .state = "done"}), "3 ");
}

TYPED_TEST(JobStoreTest, OpenOnesOfAKindAreCounted) {
  EXPECT_EQ(this->jobs().Open(kBatch)->count, 0);
  JobRecord job = OpenJob("1", this->At(5));
  ASSERT_TRUE(this->jobs().Add(job).ok());
  job = OpenJob("2", this->At(3));
  ASSERT_TRUE(this->jobs().Add(job).ok());
  job = OpenJob("3", this->At(1));
  job.open = false;
  ASSERT_TRUE(this->jobs().Add(job).ok());
  job = OpenJob("4", this->At(2));
  job.kind = "file";
  ASSERT_TRUE(this->jobs().Add(job).ok());
  const auto open = this->jobs().Open(kBatch);
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open->count, 2);
  EXPECT_EQ(open->oldest, this->At(3));
}

TYPED_TEST(JobStoreTest, WhatIsRemovedIsGone) {
  this->Add("1");
  EXPECT_TRUE(*this->jobs().Remove(kBatch, "1"));
  EXPECT_FALSE(*this->jobs().Remove(kBatch, "1"));
  EXPECT_FALSE(this->jobs().Get(kBatch, "1")->has_value());
}

TYPED_TEST(JobStoreTest, EachJobHasOneOwnerUntilItsLeaseEnds) {
  this->Add("1");
  this->Add("2");
  EXPECT_EQ(this->Claim("a", 0), "1") << "the oldest";
  EXPECT_EQ(this->Claim("b", 0), "2");
  EXPECT_EQ(this->Claim("c", 9), "");
  EXPECT_EQ(this->Claim("c", 10), "1") << "a's lease is over";
}

TYPED_TEST(JobStoreTest, TheLeaseOfADeadOwnerCountsNoMore) {
  this->Add("1");
  EXPECT_EQ(this->Claim("a", 0), "1");
  EXPECT_EQ(this->Claim("b", 1), "");
  this->dead_ = "a";
  EXPECT_EQ(this->Claim("b", 1), "1");
}

// The clock of its owner was ahead, or was set back since.
TYPED_TEST(JobStoreTest, ALeaseThatIsTooLongCountsNoMore) {
  this->Add("1");
  EXPECT_EQ(this->Claim("a", 1000), "1");
  EXPECT_EQ(this->Claim("b", 995), "") << "15 seconds are left";
  EXPECT_EQ(this->Claim("b", 900), "1");
}

// A process that has forgotten what it held, for example by a restart under its name.
TYPED_TEST(JobStoreTest, AnOwnerGetsBackWhatItDoesNotSayItHolds) {
  this->Add("1");
  EXPECT_EQ(this->Claim("a", 0), "1");
  EXPECT_EQ(this->Claim("a", 1, {"1"}), "");
  EXPECT_EQ(this->Claim("a", 1), "1");
}

TYPED_TEST(JobStoreTest, OnlyTheOwnerWrites) {
  this->Add("1");
  ASSERT_EQ(this->Claim("a", 0), "1");
  JobRecord job = **this->jobs().Get(kBatch, "1");
  job.state = "running";
  job.json = "{}";
  job.until = this->At(20);
  const auto wish = this->jobs().Keep(job);
  ASSERT_TRUE(wish.ok() && wish->has_value());
  EXPECT_EQ(**wish, "");
  EXPECT_EQ(**this->jobs().Get(kBatch, "1"), job);
  EXPECT_EQ(this->Claim("b", 15), "") << "the lease was renewed";
  ASSERT_EQ(this->Claim("b", 20), "1");
  job.state = "of the first one";
  EXPECT_FALSE(this->jobs().Keep(job)->has_value());
  EXPECT_EQ((*this->jobs().Get(kBatch, "1"))->state, "running");
  EXPECT_EQ((*this->jobs().Get(kBatch, "1"))->owner, "b");
}

TYPED_TEST(JobStoreTest, WhatIsDoneIsNotClaimedAgain) {
  this->Add("1");
  ASSERT_EQ(this->Claim("a", 0), "1");
  JobRecord job = **this->jobs().Get(kBatch, "1");
  job.open = false;
  job.state = "done";
  ASSERT_TRUE(this->jobs().Keep(job)->has_value());
  EXPECT_EQ((*this->jobs().Get(kBatch, "1"))->owner, "");
  EXPECT_EQ(this->Claim("b", 100), "");
  EXPECT_FALSE(this->jobs().Keep(job)->has_value()) << "nobody holds it";
}

TYPED_TEST(JobStoreTest, TheOwnerHearsWhatIsWished) {
  this->Add("1");
  ASSERT_EQ(this->Claim("a", 0), "1");
  JobRecord job = **this->jobs().Get(kBatch, "1");
  const auto wished = this->jobs().Wish(kBatch, "1", "cancel", "cancelling");
  ASSERT_TRUE(wished.ok() && wished->has_value());
  EXPECT_EQ((*wished)->state, "cancelling");
  EXPECT_EQ((*wished)->owner, "a");
  const auto wish = this->jobs().Keep(job);
  ASSERT_TRUE(wish.ok() && wish->has_value());
  EXPECT_EQ(**wish, "cancel");
  EXPECT_EQ((*this->jobs().Get(kBatch, "1"))->state, "cancelling") << "not what it was before";
  job.open = false;
  ASSERT_TRUE(this->jobs().Keep(job)->has_value());
  EXPECT_FALSE(this->jobs().Wish(kBatch, "1", "cancel", "cancelling")->has_value());
  EXPECT_FALSE(this->jobs().Wish(kBatch, "2", "cancel", "cancelling")->has_value());
}

}  // namespace
}  // namespace moerge
