#include "services/api/form_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace moerge::api {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=b";

class Collector final : public FormSink {
 public:
  Status Begin(FormPart part) override {
    all += (begun ? ";" : "") + part.name + "|" + part.filename + "|";
    begun = true;
    return Ok{};
  }
  Status Content(std::string_view bytes) override {
    EXPECT_FALSE(bytes.empty());
    all += bytes;
    return Ok{};
  }
  bool begun = false;
  std::string all;
};

// "name|filename|content;" of each part; or "wrong". It arrives in pieces of that size.
std::string Parts(std::string_view type, std::string_view body, std::size_t piece = 1 << 20) {
  auto reader = FormReader::Open(type);
  if (!reader) return "wrong";
  Collector parts;
  while (!body.empty()) {
    if (!reader->Read(body.substr(0, piece), parts)) return "wrong";
    body.remove_prefix(std::min(piece, body.size()));
  }
  if (!reader->End()) return "wrong";
  return parts.all + (parts.begun ? ";" : "");
}

TEST(FormData, PartsOfEveryShape) {
  const std::string part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
  struct Case {
    std::string type;
    std::string body;
    std::string parts;
  };
  const std::vector<Case> cases = {
      {kType, part + "x\r\n--b--", "a||x;"},
      {kType, part + "x\r\n--b--\r\n", "a||x;"},
      {kType, "preamble\r\n" + part + "x\r\n--b--\r\nepilogue", "a||x;"},
      {kType, part + "\r\n--b--", "a||;"},
      {kType, part + "x\r\ny\r\n-\r\n--c\r\n--b--", "a||x\r\ny\r\n-\r\n--c;"},
      {kType, part + "x\r\n" + part + "y\r\n--b--", "a||x;a||y;"},
      {kType, "--b--", ""},
      {"Multipart/Form-Data;charset=x; Boundary=\"b\"", part + "x\r\n--b--", "a||x;"},
      {kType,
       "--b\r\ncontent-type: text/plain\r\ncontent-disposition: form-data;filename=\"q\\\"; "
       "name=z.txt\"; name=f\r\n\r\nx\r\n--b--",
       "f|q\"; name=z.txt|x;"},
      {"application/json", part + "x\r\n--b--", "wrong"},
      {"multipart/form-data", part + "x\r\n--b--", "wrong"},
      {"multipart/form-data; boundary=", part + "x\r\n--b--", "wrong"},
      {kType, "", "wrong"},
      {kType, "x", "wrong"},
      {kType, part + "x", "wrong"},
      {kType, part + "x\r\n--b", "wrong"},
      {kType, part + "x\n--b--", "wrong"},
      {kType, "--bx\r\n", "wrong"},
      {kType, "--b\r\nno colon\r\n\r\nx\r\n--b--", "wrong"},
      {kType, "--b\r\ncontent-type: x\r\n\r\nx\r\n--b--", "wrong"},
      {kType, "--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--", "wrong"},
      {kType, "--b\r\ncontent-disposition: form-data; name\r\n\r\nx\r\n--b--", "wrong"},
  };
  for (const Case& each : cases) {
    for (const std::size_t piece : {1, 2, 3, 5, 7, 1000}) {
      EXPECT_EQ(Parts(each.type, each.body, piece), each.parts) << each.body << " by " << piece;
    }
  }
}

TEST(FormData, AContentMayHoldAnyBytes) {
  std::string content;
  for (int i = 0; i < 256; ++i) content += static_cast<char>(i);
  const std::string body =
      "--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n" + content + "\r\n--b--";
  for (const std::size_t piece : {1, 3, 1000}) {
    EXPECT_EQ(Parts(kType, body, piece), "a||" + content + ";");
  }
}

TEST(FormData, WhatTakesTooMuchRoomIsRefused) {
  const std::string head = "--b\r\ncontent-disposition: form-data; name=a\r\n";
  EXPECT_EQ(Parts(kType, head + "x: " + std::string(20'000, 'x') + "\r\n\r\nx\r\n--b--"), "wrong");
  EXPECT_EQ(Parts(kType, head + "x: " + std::string(20'000, 'x')), "wrong") << "without an end";
  std::string many;
  for (int i = 0; i < 101; ++i) many += head + "\r\nx\r\n";
  EXPECT_EQ(Parts(kType, many + "--b--"), "wrong");
  EXPECT_EQ(Parts("multipart/form-data; boundary=" + std::string(300, 'b'), ""), "wrong");
}

// An error of the sink ends the reading and is the caller's.
TEST(FormData, TheSinkMayRefuse) {
  struct Full final : FormSink {
    Status Begin(FormPart) override { return Ok{}; }
    Status Content(std::string_view) override { return Error{ErrorCode::kTooLarge, "full"}; }
  } full;
  auto reader = FormReader::Open(kType);
  ASSERT_TRUE(reader.ok());
  const Status read = reader->Read(
      "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n0123456789\r\n--b--", full);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace moerge::api
