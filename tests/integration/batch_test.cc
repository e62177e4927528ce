// Files and batches over the API, and what is left of them after a crash.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/base/hash.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"

namespace moerge::test {
namespace {

constexpr const char* kBatchModels[] = {"ada", "clio", "remy"};
constexpr const char* kForm = "multipart/form-data; boundary=XyZ";

std::string FormOf(const std::string& content, const std::string& purpose = "batch") {
  return "--XyZ\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose +
         "\r\n--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n"
         "Content-Type: application/octet-stream\r\n\r\n" +
         content + "\r\n--XyZ--\r\n";
}

std::string LineOf(const std::string& id, const std::string& body,
                   const std::string& url = "/v1/chat/completions") {
  return R"({"custom_id":")" + id + R"(","method":"POST","url":")" + url + R"(","body":)" + body +
         "}\n";
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

class Batches : public ::testing::Test {
 protected:
  std::string Config(const std::string& more = "") const {
    std::string yaml = "store: \"sqlite:" + folder_.File("moerge.db") +
                       "\"\nbackends:\n  - {name: gpu, base_url: \"" + UrlOf(*replay_) + "\"" +
                       more + "}\nexperts:\n";
    for (const char* model : kBatchModels) {
      yaml += std::string("  - {name: ") + model + ", backend: gpu, model: " + model +
              ", skills: {general: 0.5}}\n";
    }
    return yaml + kSmallSkills;
  }
  static std::string Upload(const TestServer& server, const std::string& content,
                            const Headers& more = {}) {
    Headers headers = more;
    headers.emplace_back("Content-Type", kForm);
    const HttpReply reply = Call(server.port(), "POST", "/v1/files", FormOf(content), headers);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.At("id");
  }
  static HttpReply Create(const TestServer& server, const std::string& file) {
    return server.Post("/v1/batches", R"({"input_file_id":")" + file +
                                          R"(","endpoint":"/v1/chat/completions",)"
                                          R"("completion_window":"24h","metadata":{"k":"v"}})");
  }
  static HttpReply AwaitEnd(const TestServer& server, const std::string& id) {
    HttpReply batch;
    EXPECT_TRUE(Eventually([&] {
      batch = server.Get("/v1/batches/" + id);
      const std::string status = batch.At("status");
      return status == "completed" || status == "failed" || status == "cancelled" ||
             status == "expired";
    })) << batch.body;
    return batch;
  }
  static std::string Content(const TestServer& server, const std::string& file) {
    return server.Get("/v1/files/" + file + "/content").body;
  }

  // Whole lines in the files that batches write.
  std::size_t LinesDone() const {
    std::size_t lines = 0;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.File("moerge.db.files"), none)) {
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line) && !file.eof();) {
        lines += line.starts_with("{\"id\":\"batch_req_");
      }
    }
    return lines;
  }

  TempFolder folder_;
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
};

TEST_F(Batches, AWholeBatchAsClientsRunIt) {
  const TestServer server(Config());
  const std::string input = LineOf("one", ChatJson("ada", RecordedPrompt("algebra-1"))) +
                            LineOf("two", ChatJson("clio", RecordedPrompt("algebra-2"))) +
                            LineOf("three", ChatJson("nobody", "Hi"));
  const std::string file = Upload(server, input);
  EXPECT_EQ(Content(server, file), input);
  const HttpReply created = Create(server, file);
  ASSERT_EQ(created.status, 200) << created.body;
  EXPECT_EQ(created.At("object"), "batch");
  EXPECT_EQ(created.At("status"), "validating");
  EXPECT_EQ(created.At("metadata.k"), "v");
  const HttpReply batch = AwaitEnd(server, created.At("id"));
  EXPECT_EQ(batch.At("status"), "completed") << batch.body;
  EXPECT_EQ(batch.At("request_counts"), R"({"total":3,"completed":2,"failed":1})");
  EXPECT_EQ(batch.At("errors"), "null");
  std::map<std::string, std::string> answers;
  for (const std::string& line : LinesOf(Content(server, batch.At("output_file_id")))) {
    EXPECT_EQ(JsonAt(line, "error"), "null");
    EXPECT_EQ(JsonAt(line, "response.status_code"), "200");
    answers[JsonAt(line, "custom_id")] = JsonAt(line, "response.body.choices.0.message.content");
  }
  EXPECT_EQ(answers,
            (std::map<std::string, std::string>{{"one", RecordedReply("algebra-1", "ada")},
                                                {"two", RecordedReply("algebra-2", "clio")}}));
  const std::string failures = Content(server, batch.At("error_file_id"));
  EXPECT_EQ(JsonAt(failures, "custom_id"), "three");
  EXPECT_EQ(JsonAt(failures, "response.status_code"), "404");
  EXPECT_EQ(JsonAt(failures, "response.body.error.code"), "model_not_found");
  EXPECT_EQ(server.Get("/v1/files").At("data.0.purpose"), "batch_output");
  EXPECT_EQ(server.Get("/v1/batches?limit=1").At("data.0.id"), batch.At("id"));
  EXPECT_EQ(server.Post("/v1/batches/" + batch.At("id") + "/cancel", "").status, 409);
}

TEST_F(Batches, WrongLinesFailTheBatchAndAreNamed) {
  const TestServer server(Config());
  const std::string fine = ChatJson("ada", "Hi");
  const std::string file = Upload(
      server, LineOf("a", fine) + "nonsense\n" + LineOf("a", fine) + LineOf("b", fine, "/v1/x") +
                  R"({"method":"POST","url":"/v1/chat/completions","body":{}})" + "\n" +
                  R"({"custom_id":"c","url":"/v1/chat/completions","body":{}})" + "\n" +
                  R"({"custom_id":"d","method":"POST","url":"/v1/chat/completions"})" + "\n");
  const HttpReply batch = AwaitEnd(server, Create(server, file).At("id"));
  EXPECT_EQ(batch.At("status"), "failed");
  std::vector<std::string> found;
  for (int i = 0; batch.At("errors.data." + std::to_string(i)) != "(absent)"; ++i) {
    const std::string fault = "errors.data." + std::to_string(i);
    found.push_back(batch.At(fault + ".line") + " " + batch.At(fault + ".code"));
  }
  EXPECT_EQ(found, (std::vector<std::string>{"2 invalid_json_line", "3 duplicate_custom_id",
                                             "4 mismatched_url", "5 missing_required_parameter",
                                             "6 invalid_method", "7 missing_required_parameter"}));
  const HttpReply empty = AwaitEnd(server, Create(server, Upload(server, "\n")).At("id"));
  EXPECT_EQ(empty.At("errors.data.0.code"), "empty_file");
}

TEST_F(Batches, WhatIsNoFileOrBatchIsRefusedByItsField) {
  const TestServer server(Config());
  const auto upload = [&](const std::string& body, const std::string& type) {
    return Call(server.port(), "POST", "/v1/files", body, {{"Content-Type", type}});
  };
  EXPECT_EQ(upload(FormOf("x", "fine-tune"), kForm).At("error.param"), "purpose");
  EXPECT_EQ(upload("--XyZ\r\n\r\n", kForm).status, 400);
  EXPECT_EQ(upload("{}", "application/json").status, 400);
  EXPECT_EQ(upload("{}", "multipart/form-data").status, 400);
  const std::string file = Upload(server, "x\n");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", "input_file_id"},
      {R"({"input_file_id":"file-x","endpoint":"/v1/chat/completions","completion_window":"24h"})",
       "input_file_id"},
      {R"({"input_file_id":")" + file + R"(","endpoint":"/v1/x","completion_window":"24h"})",
       "endpoint"},
      {R"({"input_file_id":")" + file + R"(","endpoint":"/v1/chat/completions"})",
       "completion_window"},
      {R"({"input_file_id":"f","wrong":1})", "wrong"}};
  for (const auto& [body, param] : cases) {
    EXPECT_EQ(server.Post("/v1/batches", body).At("error.param"), param) << body;
  }
  EXPECT_EQ(server.Get("/v1/batches/batch_x").status, 404);
  EXPECT_EQ(server.Get("/v1/files/file-x/content").status, 404);
  EXPECT_EQ(server.Get("/v1/files/..%2Fmoerge.db/content").status, 404);
}

TEST_F(Batches, AFileThatIsGoneFailsItsBatch) {
  const TestServer server(Config());
  const std::string file = Upload(server, LineOf("a", ChatJson("ada", "Hi")));
  EXPECT_EQ(Call(server.port(), "DELETE", "/v1/files/" + file).At("deleted"), "true");
  EXPECT_EQ(server.Get("/v1/files/" + file).status, 404);
  EXPECT_EQ(Create(server, file).status, 404);
}

TEST_F(Batches, ClientsSeeTheirOwn) {
  const TestServer server(
      Config() + "keys:\n  - {name: a, role: admin, sha256: " + Sha256Hex(kAdmin) +
      "}\n  - {name: b, role: inference, sha256: " + Sha256Hex(kInference) + "}\n");
  const std::string file =
      Upload(server, LineOf("a", ChatJson("ada", RecordedPrompt("algebra-1"))), Bearer(kInference));
  EXPECT_EQ(server.Get("/v1/files/" + file, Bearer(kInference)).status, 200);
  EXPECT_EQ(server.Get("/v1/files/" + file, Bearer(kAdmin)).status, 404);
  EXPECT_EQ(server.Get("/v1/files", Bearer(kAdmin)).At("data"), "[]");
}

TEST_F(Batches, ABatchLoadsEachExpertOnce) {
  ReplayOptions device;
  device.slots = 1;
  device.load = std::chrono::milliseconds(5);
  replay_ = StartReplay(device);
  const TestServer server(Config(", max_concurrency: 4, residency: {kind: llama_swap}"));
  std::string input;
  for (int i = 0; i < 300; ++i) {
    input += LineOf(std::to_string(i), ChatJson(kBatchModels[i % 3], RecordedPrompt("algebra-1")));
  }
  const HttpReply batch = AwaitEnd(server, Create(server, Upload(server, input)).At("id"));
  EXPECT_EQ(batch.At("request_counts"), R"({"total":300,"completed":300,"failed":0})");
  EXPECT_EQ(replay_->device().loads(), 3);
}

TEST_F(Batches, ACancelledBatchKeepsWhatIsDone) {
  ReplayOptions slow;
  slow.latency = std::chrono::milliseconds(50);
  replay_ = StartReplay(slow);
  const TestServer server(Config(", max_concurrency: 2"));
  std::string input;
  for (int i = 0; i < 2000; ++i) {
    input += LineOf(std::to_string(i), ChatJson("ada", RecordedPrompt("algebra-1")));
  }
  const std::string id = Create(server, Upload(server, input)).At("id");
  EXPECT_TRUE(Eventually(
      [&] { return server.Get("/v1/batches/" + id).At("request_counts.completed") != "0"; }));
  const HttpReply cancelling = server.Post("/v1/batches/" + id + "/cancel", "");
  EXPECT_EQ(cancelling.At("status"), "cancelling") << cancelling.body;
  const HttpReply batch = AwaitEnd(server, id);
  EXPECT_EQ(batch.At("status"), "cancelled");
  const auto done = LinesOf(Content(server, batch.At("output_file_id"))).size();
  EXPECT_EQ(std::to_string(done), batch.At("request_counts.completed"));
  EXPECT_LT(done, 2000u);
}

// Killed at whatever moment, again and again: no line is lost, none is twice in the output. Each
// kill costs a lease of ten seconds; MOERGE_KILLS says how many.
TEST_F(Batches, AKilledServerGoesOnWhereItWas) {
  ReplayOptions slow;
  slow.latency = std::chrono::milliseconds(2);
  replay_ = StartReplay(slow);
  constexpr int kLines = 1500;
  std::string input;
  for (int i = 0; i < kLines; ++i) {
    input += LineOf(std::to_string(i), ChatJson(kBatchModels[i % 3], RecordedPrompt("algebra-1")));
  }
  std::string id;
  {
    const TestServer server(Config(", max_concurrency: 8"));
    id = Create(server, Upload(server, input)).At("id");
  }
  const std::string config = folder_.Write(
      "moerge.yaml", "server: {listen: 127.0.0.1:0}\n" + Config(", max_concurrency: 8"));
  std::size_t before = 0;
  const char* wanted = std::getenv("MOERGE_KILLS");
  for (int kills = wanted == nullptr ? 1 : std::atoi(wanted); kills > 0; --kills) {
    Process process({"serve", "--config", config}, folder_.File(""));
    EXPECT_TRUE(Eventually([&] {
      const std::size_t now = LinesDone();
      return now > before + 50 || now == kLines;
    }));
    process.Signal(SIGKILL);
    (void)process.Wait();
    before = LinesDone();
  }
  const TestServer server(Config(", max_concurrency: 8"));
  const HttpReply batch = AwaitEnd(server, id);
  EXPECT_EQ(batch.At("status"), "completed") << batch.body;
  EXPECT_EQ(batch.At("request_counts.completed"), std::to_string(kLines));
  std::set<std::string> ids;
  const auto lines = LinesOf(Content(server, batch.At("output_file_id")));
  for (const std::string& line : lines) ids.insert(JsonAt(line, "custom_id"));
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(kLines)) << "none twice";
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kLines)) << "none lost";
}

}  // namespace
}  // namespace moerge::test
