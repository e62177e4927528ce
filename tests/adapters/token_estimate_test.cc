// One estimate for routing, limits and books.
#include "adapters/token_estimate.h"

#include <gtest/gtest.h>

#include "adapters/picture_size.h"
#include "adapters/tools/text_encodings.h"

namespace moerge {
namespace {

std::int64_t Prompt(const std::string& json) {
  const auto document = json::Document::Parse(json);
  EXPECT_TRUE(document.ok()) << json;
  return EstimatePromptTokens(document->root());
}

// Base64 of these bytes, which are mostly no text.
std::string Base64(std::string_view bytes) { return *tools::Encode(tools::Codec::kBase64, bytes); }

std::string Png(int width, int height) {
  std::string bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  for (const int side : {width, height}) {
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(side >> shift));
  }
  return Base64(bytes);
}

TEST(PictureSize, ByTheFirstBytes) {
  using namespace std::string_view_literals;
  struct Row {
    const char* name;
    std::string base64;
    std::uint32_t width;
    std::uint32_t height;
  };
  const Row rows[] = {
      {"PNG", Png(640, 480), 640, 480},
      {"GIF", Base64("GIF89a\x40\x01\xF0\x00\x00\x00"sv), 320, 240},
      {"JPEG", Base64("\xFF\xD8\xFF\xE0\x00\x04\x00\x00\xFF\xC0\x00\x11\x08\x01\x00\x02\x00\x03"sv),
       512, 256},
      {"WebP VP8X", Base64("RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x63\0\0\xC7\0\0"sv), 100, 200},
      {"WebP VP8", Base64("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x80\0\x40\0"sv), 128, 64},
  };
  for (const Row& row : rows) {
    const auto size = SizeOfPicture(row.base64);
    ASSERT_TRUE(size.has_value()) << row.name;
    EXPECT_EQ(size->width, row.width) << row.name;
    EXPECT_EQ(size->height, row.height) << row.name;
  }
  for (const char* none : {"", "AAAA", "iVBORw0KGgo", "/9j/", "not base64 !"}) {
    EXPECT_FALSE(SizeOfPicture(none).has_value()) << none;
  }
}

TEST(TokenEstimate, PicturesByTiles) {
  const auto url = [](int width, int height) {
    return "data:image/png;base64," + Png(width, height);
  };
  EXPECT_EQ(EstimatePictureTokens(url(100, 100), ""), 255);  // one tile
  EXPECT_EQ(EstimatePictureTokens(url(1024, 1024), "high"), 765);
  EXPECT_EQ(EstimatePictureTokens(url(2048, 4096), ""), 1105);  // OpenAI's own example
  EXPECT_EQ(EstimatePictureTokens(url(4096, 4096), "low"), 85);
  EXPECT_EQ(EstimatePictureTokens("https://e.com/x.png", ""), 765);
  EXPECT_EQ(EstimatePictureTokens("", ""), 765);
}

TEST(TokenEstimate, EverythingThatTheModelReadsCounts) {
  const std::string k400(400, 'x');
  const auto user = [](const std::string& content, const std::string& more = "") {
    return R"({"messages":[{"role":"user","content":)" + content + "}]" + more + "}";
  };
  EXPECT_EQ(Prompt(user("\"12345678\"")), 6);
  EXPECT_EQ(Prompt(user("\"\"", R"(,"tools":[{"x":")" + k400 + "\"}]")), 4 + 103);
  EXPECT_EQ(Prompt(user(R"([{"type":"text","text":"1234"},{"type":"text","text":"5678"}])")), 6);
  EXPECT_EQ(Prompt(R"({"messages":[{"role":"assistant","content":null,"reasoning_content":")" +
                   k400 + R"("}]})"),
            104);
  EXPECT_GT(Prompt(R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":")" +
                   k400 + R"("}}]}]})"),
            104);
  EXPECT_EQ(Prompt(R"({"input":["1234","5678"]})"), 4);
  const std::string picture = std::string(3'000'000, 'A');
  EXPECT_EQ(Prompt(user(R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
                        picture + R"("}}])")),
            4 + 765);
}

}  // namespace
}  // namespace moerge
