// Both clients where this process has no descriptor left: the error says so, and not that the
// expert is at fault.
#include <sys/resource.h>
#include <unistd.h>

#include "tests/adapters/http_client_fixture.h"

namespace moerge::test {
namespace {

using LocalShortageTest = HttpClientTest;

INSTANTIATE_TEST_SUITE_P(Clients, LocalShortageTest, ::testing::Values("lean", "curl"),
                         [](const auto& info) { return std::string(info.param); });

// No descriptor can be opened while it lives: those below the limit are in use.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit full{STDERR_FILENO + 1, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &full);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_P(LocalShortageTest, IsNotTheExpertsFault) {
  const auto script = [](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) peer.Send(OkReply("ok"));
  };
  RawServer known(script);
  RawServer other(script);
  ASSERT_TRUE(Fetch(Get(known.Url())).ok());  // the loop has what it needs
  {
    const NoDescriptors now;
    const auto fetched = Fetch(Get(other.Url()));
    ASSERT_FALSE(fetched.ok());
    EXPECT_EQ(fetched.error().code, ErrorCode::kOverloaded) << Describe(fetched);
    EXPECT_NE(fetched.error().message.find("open files"), std::string::npos) << Describe(fetched);
    EXPECT_GT(fetched.error().retry_after.count(), 0);
    EXPECT_TRUE(Fetch(Get(known.Url())).ok());  // over the kept connection
  }
  EXPECT_TRUE(Fetch(Get(other.Url())).ok());
}

}  // namespace
}  // namespace moerge::test
