// Files of batches as clients send them, and batches made of them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/integration/harness.h"

namespace moerge::test {

inline constexpr const char* kForm = "multipart/form-data; boundary=XyZ";

inline std::string FormOf(const std::string& content, const std::string& purpose = "batch") {
  return "--XyZ\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose +
         "\r\n--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n"
         "Content-Type: application/octet-stream\r\n\r\n" +
         content + "\r\n--XyZ--\r\n";
}

// The file's id.
inline std::string UploadBatchFile(std::uint16_t port, const std::string& content,
                                   Headers headers = {}) {
  headers.emplace_back("Content-Type", kForm);
  const HttpReply reply = Call(port, "POST", "/v1/files", FormOf(content), headers);
  EXPECT_EQ(reply.status, 200) << reply.body;
  return reply.At("id");
}

// Of requests for chat; the batch's id.
inline std::string CreateChatBatch(std::uint16_t port, const std::string& file,
                                   const Headers& headers = {}) {
  return Call(port, "POST", "/v1/batches",
              R"({"input_file_id":")" + file +
                  R"(","endpoint":"/v1/chat/completions","completion_window":"24h"})",
              headers)
      .At("id");
}

inline std::string LineOf(const std::string& id, const std::string& body,
                          const std::string& url = "/v1/chat/completions") {
  return R"({"custom_id":")" + id + R"(","method":"POST","url":")" + url + R"(","body":)" + body +
         "}\n";
}

inline std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

}  // namespace moerge::test
