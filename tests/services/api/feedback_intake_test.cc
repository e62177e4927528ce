#include "services/api/feedback_intake.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/services/api/api_server_fixture.h"

namespace moerge::test {
namespace {

// What every event loop's handler submits to is one intake, with one bound.
TEST(FeedbackIntake, ItsBoundCountsForTheWholeServer) {
  ApiServer server;
  server.Start();
  api::FeedbackIntake& intake = *server.shared().feedback;
  std::promise<void> release;
  std::atomic<int> refused = 0;
  std::atomic<int> unknown = 0;
  const auto done = [&](const Result<api::Counted>& counted) {
    ++(counted.error().code == ErrorCode::kOverloaded ? refused : unknown);
  };
  std::promise<void> held;
  ASSERT_TRUE(server.store().Post([&](Store&) {
    held.set_value();
    release.get_future().wait();
  }));
  held.get_future().wait();
  const int most = static_cast<int>(api::FeedbackIntake::kMost);
  // The first is on its way at once and waits for the store; `most` gather behind it.
  for (int i = 0; i < most + 3; ++i) {
    api::FeedbackRequest request;
    request.decision = "none of ours";
    intake.Submit(std::move(request), done);
  }
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(unknown, 0);
  release.set_value();
  server.Settle();
  server.store().Drain();
  while (unknown < most + 1) server.store().Run([](Store&) {});
  EXPECT_EQ(unknown, most + 1);
  EXPECT_EQ(refused, 2);
}

}  // namespace
}  // namespace moerge::test
