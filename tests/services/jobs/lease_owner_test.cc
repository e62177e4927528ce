#include "services/jobs/lease_owner.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "config/base/text.h"

namespace moerge {
namespace {

TEST(LeaseOwner, AProcessIsDeadOnceItIs) {
  int names[2];
  int wait[2];
  ASSERT_EQ(::pipe(names), 0);
  ASSERT_EQ(::pipe(wait), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string name = NewLeaseOwner();
    const bool told = ::write(names[1], name.data(), name.size()) > 0;
    char end = 0;
    (void)!::read(wait[0], &end, 1);
    ::_exit(told ? 0 : 1);
  }
  char buffer[512];
  const ssize_t size = ::read(names[0], buffer, sizeof buffer);
  ASSERT_GT(size, 0);
  const std::string owner(buffer, static_cast<std::size_t>(size));
  EXPECT_FALSE(IsDeadOwner(owner));
  ASSERT_EQ(::write(wait[1], "x", 1), 1);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(IsDeadOwner(owner)) << owner;
}

TEST(LeaseOwner, OfOthersNothingIsKnown) {
  const std::string own = NewLeaseOwner();
  EXPECT_FALSE(IsDeadOwner(own));
  const std::vector<std::string_view> parts = Split(own, ':');
  ASSERT_EQ(parts.size(), 4u);
  const auto of = [&](std::string_view process, std::string_view begin, std::string_view space) {
    return IsDeadOwner(std::string(process) + ":" + std::string(begin) + ":" + std::string(space) +
                       ":x");
  };
  EXPECT_TRUE(of(parts[0], "1", parts[2])) << "its number was given to another process";
  EXPECT_FALSE(of(parts[0], "1", "another-machine"));
  EXPECT_FALSE(of(parts[0], "", parts[2]));
  EXPECT_FALSE(of(parts[0], "1", ""));
  EXPECT_FALSE(of("x", "1", parts[2]));
  EXPECT_FALSE(IsDeadOwner(""));
  EXPECT_FALSE(IsDeadOwner("a-name-of-an-older-moerge"));
}

}  // namespace
}  // namespace moerge
