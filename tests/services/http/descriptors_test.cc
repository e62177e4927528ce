#include "services/http/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

namespace moerge::http {
namespace {

TEST(Descriptors, ConnectionsLeaveAsManyForCallsOfExperts) {
  struct Case {
    std::size_t descriptors;
    int wanted;
    int connections;
  };
  for (const Case& each :
       {Case{0, 100, 1}, Case{64, 100, 1}, Case{66, 100, 1}, Case{256, 65'536, 64},
        Case{1024, 65'536, 448}, Case{1024, 100, 100}, Case{1 << 20, 65'536, 65'536}}) {
    EXPECT_EQ(ConnectionsWithin(each.descriptors, each.wanted), each.connections)
        << each.descriptors;
  }
  for (const int connections : {1, 7, 100, 65'536}) {
    EXPECT_EQ(ConnectionsWithin(DescriptorsFor(connections), 1 << 20), connections);
  }
}

TEST(Descriptors, TheSoftLimitIsRaisedNeverLowered) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlim_t low = std::min<rlim_t>(200, before.rlim_max);
  const rlimit lowered{low, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lowered), 0);
  EXPECT_EQ(RaiseDescriptorLimit(low - 1), low);
  const std::size_t raised = RaiseDescriptorLimit(low + 10);
  EXPECT_EQ(raised, std::min<rlim_t>(low + 10, before.rlim_max));
  rlimit now{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &now), 0);
  EXPECT_EQ(now.rlim_cur, raised);
  EXPECT_LE(RaiseDescriptorLimit(std::size_t{1} << 40), before.rlim_max);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace moerge::http
