// What clients send (tests/data/clients.jsonl, a request a line) is never refused.
#include <gtest/gtest.h>

#include "services/api/chat_codec.h"
#include "tests/support/client_shapes.h"

namespace moerge::api {
namespace {

TEST(ClientShapes, AreNeverRefused) {
  const std::vector<test::ClientShape> shapes = test::ClientShapes();
  EXPECT_GE(shapes.size(), 37u);
  for (const test::ClientShape& shape : shapes) {
    const auto request = ParseChatRequest(shape.Body("auto"));
    EXPECT_TRUE(request.ok()) << shape.client << ": " << (request ? "" : request.error().message);
  }
}

}  // namespace
}  // namespace moerge::api
