// One row: a request of OpenAI's on its way to an API of another make, and what becomes of it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "adapters/translated_request.h"
#include "config/base/json.h"
#include "config/base/text.h"
#include "config/entities.h"

namespace moerge::test {

inline constexpr std::string_view kHi = R"("messages":[{"role":"user","content":"Hi"}])";
inline constexpr std::string_view kTool =
    R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}])";

// Members of a request, or its messages alone.
struct TranslationRow {
  const char* name;
  std::string request;
  const char* has = "";      // stands in what is sent
  const char* lacks = "";    // does not
  const char* note = "";     // stands in one of the notes, or in the error; empty: no notes
  const char* refused = "";  // the field that moerge's own 400 names
  int context = 0;           // the expert's
  int max_output = 0;
};

inline std::string Messages(std::string_view messages, std::string_view more = {}) {
  return "\"messages\":[" + std::string(messages) + "]" + (more.empty() ? "" : ",") +
         std::string(more);
}
inline std::string Hi(std::string_view more) { return std::string(kHi) + "," + std::string(more); }

using Translate = Result<TranslatedRequest> (*)(const json::Value&, const Expert&, bool);
using Refuses = std::string (*)(std::string_view);

inline void CheckTranslation(const TranslationRow& row, Translate translate, Refuses refuses) {
  SCOPED_TRACE(row.name);
  const std::string request = "{\"model\":\"x\"," + row.request + "}";
  const auto document = json::Document::Parse(request);
  ASSERT_TRUE(document.ok()) << request;
  Expert expert;
  expert.model = "m";
  expert.context = row.context;
  expert.max_output = row.max_output;
  const auto translated = translate(document->root(), expert, false);
  if (*row.refused != '\0') {
    ASSERT_FALSE(translated.ok()) << translated->body;
    EXPECT_EQ(translated.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(translated.error().param, row.refused) << translated.error().message;
    EXPECT_NE(translated.error().message.find(row.note), std::string::npos)
        << translated.error().message;
    return;
  }
  ASSERT_TRUE(translated.ok()) << translated.error().message;
  EXPECT_EQ(refuses(translated->body), "") << translated->body;
  EXPECT_NE(translated->body.find(row.has), std::string::npos) << translated->body;
  if (*row.lacks != '\0') {
    EXPECT_EQ(translated->body.find(row.lacks), std::string::npos) << translated->body;
  }
  const std::string notes = Join(translated->notes, "; ");
  EXPECT_NE(notes.find(row.note), std::string::npos) << notes;
  if (*row.note == '\0') {
    EXPECT_EQ(notes, "");
  }
}

}  // namespace moerge::test
