#include "services/telemetry/trace_context.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace moerge {
namespace {

const std::string kTraceId = "0af7651916cd43dd8448eb211c80319c";

TEST(TraceContext, AHeaderIsReadAndWritten) {
  const auto context = ParseTraceParent("00-" + kTraceId + "-b7ad6b7169203331-01");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, kTraceId);
  EXPECT_EQ(context->parent, 0xb7ad6b7169203331u);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(TraceParentOf(*context, 0xab), "00-" + kTraceId + "-00000000000000ab-01");
  EXPECT_FALSE(ParseTraceParent("00-" + kTraceId + "-b7ad6b7169203331-02")->sampled);
}

TEST(TraceContext, ALaterVersionMayHaveMore) {
  EXPECT_TRUE(ParseTraceParent("01-" + kTraceId + "-b7ad6b7169203331-01-more"));
  EXPECT_FALSE(ParseTraceParent("01-" + kTraceId + "-b7ad6b7169203331-01more"));
}

// As in the specification's own tests.
TEST(TraceContext, WhatIsNoHeaderIsNone) {
  for (const std::string& header : std::vector<std::string>{
           std::string(),
           "00-" + kTraceId + "-b7ad6b7169203331",
           "00-" + kTraceId + "-b7ad6b7169203331-01-",
           "00-" + kTraceId + "-b7ad6b7169203331-01-more",
           "00-" + kTraceId + "-b7ad6b7169203331-0x",
           "00-" + kTraceId + "-B7AD6B7169203331-01",
           "00-" + kTraceId + "-0000000000000000-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "ff-" + kTraceId + "-b7ad6b7169203331-01",
           "0x-" + kTraceId + "-b7ad6b7169203331-01",
           "00_" + kTraceId + "_b7ad6b7169203331_01",
           "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-.af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
       }) {
    EXPECT_FALSE(ParseTraceParent(header)) << header;
  }
}

}  // namespace
}  // namespace moerge
