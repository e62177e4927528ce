#include "services/api/form_data.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace moerge::api {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=b";

// "name|filename|content" of each part; or "wrong".
std::string Parts(std::string_view type, std::string_view body) {
  const auto parts = ParseFormData(type, body);
  if (!parts) return "wrong";
  std::string all;
  for (const FormPart& part : *parts) {
    all += part.name + "|" + part.filename + "|" + std::string(part.content) + ";";
  }
  return all;
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
  for (const Case& each : cases) EXPECT_EQ(Parts(each.type, each.body), each.parts) << each.body;
}

TEST(FormData, AContentMayHoldAnyBytes) {
  std::string content;
  for (int i = 0; i < 256; ++i) content += static_cast<char>(i);
  const std::string body =
      "--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n" + content + "\r\n--b--";
  const auto parts = ParseFormData(kType, body);
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ((*parts)[0].content, content);
}

}  // namespace
}  // namespace moerge::api
