// Files and batches over the API, and what is left of them after a crash.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "config/base/hash.h"
#include "tests/integration/batch_lines.h"
#include "tests/integration/grouped_model.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

constexpr const char* kBatchModels[] = {"ada", "clio", "remy"};
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
    return UploadBatchFile(server.port(), content, more);
  }
  static HttpReply Create(const TestServer& server, const std::string& file,
                          const std::string& endpoint = "/v1/chat/completions") {
    return server.Post("/v1/batches", R"({"input_file_id":")" + file + R"(","endpoint":")" +
                                          endpoint +
                                          R"(",)"
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

TEST_F(Batches, AFileThatIsGoneHasNoBatch) {
  const TestServer server(Config());
  const std::string file = Upload(server, LineOf("a", ChatJson("ada", "Hi")));
  EXPECT_EQ(Call(server.port(), "DELETE", "/v1/files/" + file).At("deleted"), "true");
  EXPECT_EQ(server.Get("/v1/files/" + file).status, 404);
  EXPECT_EQ(Create(server, file).status, 404);
}

// The batch has its input until its end, and gives it back then.
TEST_F(Batches, AFileMayBeRemovedWhileABatchReadsIt) {
  ReplayOptions slow;
  slow.latency = std::chrono::milliseconds(20);
  replay_ = StartReplay(slow);
  const TestServer server(Config(", max_concurrency: 2"));
  std::string input;
  for (int i = 0; i < 20; ++i) {
    input += LineOf(std::to_string(i), ChatJson("ada", RecordedPrompt("algebra-1")));
  }
  const std::string file = Upload(server, input);
  const std::string id = Create(server, file).At("id");
  EXPECT_EQ(Call(server.port(), "DELETE", "/v1/files/" + file).At("deleted"), "true");
  const HttpReply batch = AwaitEnd(server, id);
  EXPECT_EQ(batch.At("status"), "completed") << batch.body;
  EXPECT_EQ(batch.At("request_counts.completed"), "20");
  EXPECT_TRUE(Eventually([&] {
    const std::filesystem::directory_iterator all(folder_.File("moerge.db.files"));
    return std::distance(begin(all), end(all)) == 1;
  })) << "the answers alone";
}

// Somebody has removed what moerge keeps. What was done before stays.
TEST_F(Batches, AnInputThatIsGoneFromTheDiskFailsItsBatch) {
  std::string id;
  std::string file;
  {
    ReplayOptions slow;
    slow.latency = std::chrono::milliseconds(20);
    replay_ = StartReplay(slow);
    const TestServer server(Config(", max_concurrency: 2"));
    std::string input;
    for (int i = 0; i < 1000; ++i) {
      input += LineOf(std::to_string(i), ChatJson("ada", RecordedPrompt("algebra-1")));
    }
    file = Upload(server, input);
    id = Create(server, file).At("id");
    EXPECT_TRUE(Eventually([&] { return LinesDone() > 3; }));
  }
  std::filesystem::remove(folder_.File("moerge.db.files/" + file));
  std::filesystem::remove(folder_.File("moerge.db.files/" + id + "-input"));
  const TestServer server(Config());
  const HttpReply batch = AwaitEnd(server, id);
  EXPECT_EQ(batch.At("status"), "failed") << batch.body;
  EXPECT_EQ(batch.At("errors.data.0.code"), "input_unreadable");
  EXPECT_EQ(batch.At("errors.data.0.message"), "the input file is gone");
  const auto done = LinesOf(Content(server, batch.At("output_file_id"))).size();
  EXPECT_EQ(std::to_string(done), batch.At("request_counts.completed"));
  EXPECT_GT(done, 3u);
}

TEST_F(Batches, ALineThatIsTooLongIsNamed) {
  const TestServer server(Config(), "max_body: 2KiB");
  const std::string fine = LineOf("a", ChatJson("ada", RecordedPrompt("algebra-1")));
  const std::string file =
      Upload(server, fine + LineOf("b", ChatJson("ada", std::string(3000, 'x'))) + fine);
  const HttpReply batch = AwaitEnd(server, Create(server, file).At("id"));
  EXPECT_EQ(batch.At("status"), "failed") << batch.body;
  EXPECT_EQ(batch.At("errors.data.0.code"), "line_too_long");
  EXPECT_EQ(batch.At("errors.data.0.line"), "2");
}

// What is passed through as it is: an expert by name in each line.
TEST_F(Batches, CompletionsAndEmbeddings) {
  const ScriptedModel model([](const std::string& request) {
    const bool embeds = request.starts_with("POST /v1/embeddings ");
    if (BodyIn(request).find("fail") != std::string::npos) {
      return std::optional(Failing(400, R"({"error":{"message":"too long"}})"));
    }
    if (BodyIn(request).find("odd") != std::string::npos) return std::optional(OkReply("no JSON"));
    return std::optional(OkReply(
        embeds
            ? R"({"object":"list","data":[{"index":0,"embedding":[0.5]}],"model":"m"})"
            : R"({"object":"text_completion","choices":[{"index":0,"text":"upon"}],"model":"m"})"));
  });
  const TestServer server("store: \"sqlite:" + folder_.File("moerge.db") +
                          "\"\nbackends: [{name: b, base_url: \"" + model.Url() +
                          "\", retries: 0}]\nexperts: [{name: e, backend: b, model: m}]\n" +
                          kSmallSkills);
  struct Case {
    std::string url, field, path, value;
  };
  const std::vector<Case> cases = {
      {"/v1/embeddings", "input", "response.body.data.0.embedding.0", "0.5"},
      {"/v1/completions", "prompt", "response.body.choices.0.text", "upon"}};
  for (const Case& each : cases) {
    const auto line = [&](const std::string& id, const std::string& text,
                          const std::string& more = R"("model":"e")") {
      return LineOf(id, "{\"" + each.field + "\":\"" + text + "\"," + more + "}", each.url);
    };
    const std::string file =
        Upload(server, line("fine", "Once") + line("failed", "fail") + line("odd", "odd") +
                           line("auto", "x", R"("model":"auto")") +
                           line("streams", "x", R"("model":"e","stream":true)"));
    const HttpReply batch = AwaitEnd(server, Create(server, file, each.url).At("id"));
    EXPECT_EQ(batch.At("request_counts"), R"({"total":5,"completed":1,"failed":4})") << batch.body;
    EXPECT_EQ(JsonAt(Content(server, batch.At("output_file_id")), each.path), each.value);
    std::map<std::string, std::string> failures;
    for (const std::string& text : LinesOf(Content(server, batch.At("error_file_id")))) {
      failures[JsonAt(text, "custom_id")] = JsonAt(text, "response.status_code");
    }
    EXPECT_EQ(failures,
              (std::map<std::string, std::string>{
                  {"failed", "400"}, {"odd", "502"}, {"auto", "400"}, {"streams", "400"}}));
    EXPECT_EQ(batch.At("moerge.experts.0.expert"), "e");
    EXPECT_EQ(batch.At("moerge.experts.0.answered"), "1") << "what is no JSON is no answer";
  }
}

// A limit on the size of files stands for a disk that is full: the batch waits and goes on.
TEST_F(Batches, AFullDiskIsWaitedFor) {
  constexpr int kLines = 4000;
  const std::string config =
      folder_.Write("moerge.yaml", "server: {listen: 127.0.0.1:0}\n" + Config());
  Process process({"serve", "--config", config}, folder_.File(""));
  ASSERT_TRUE(process.AwaitOutput("store="));
  const std::string text = process.output() + process.errors();
  const auto port =
      static_cast<std::uint16_t>(std::stoi(text.substr(text.find("127.0.0.1:") + 10)));
  std::string input;
  for (int i = 0; i < kLines; ++i) {
    input += LineOf(std::to_string(i), ChatJson("ada", RecordedPrompt("algebra-1")));
  }
  const std::string file = UploadBatchFile(port, input);
  // More than the store's files have, less than the answers will.
  rlimit limit{std::filesystem::file_size(folder_.File("moerge.db-wal")) + (256 << 10),
               RLIM_INFINITY};
  ASSERT_EQ(::prlimit(process.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  const std::string id = CreateChatBatch(port, file);
  ASSERT_TRUE(process.AwaitOutput("a batch waits until its answers can be written"));
  EXPECT_EQ(Call(port, "GET", "/v1/batches/" + id).At("status"), "in_progress");
  limit.rlim_cur = RLIM_INFINITY;
  ASSERT_EQ(::prlimit(process.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  HttpReply batch;
  EXPECT_TRUE(Eventually([&] {
    batch = Call(port, "GET", "/v1/batches/" + id);
    return batch.At("status") == "completed";
  })) << batch.body;
  EXPECT_EQ(batch.At("request_counts"), R"({"total":4000,"completed":4000,"failed":0})");
  std::set<std::string> ids;
  const std::string answers =
      Call(port, "GET", "/v1/files/" + batch.At("output_file_id") + "/content").body;
  for (const std::string& line : LinesOf(answers)) ids.insert(JsonAt(line, "custom_id"));
  EXPECT_EQ(LinesOf(answers).size(), std::size_t{kLines});
  EXPECT_EQ(ids.size(), std::size_t{kLines});
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

// What was made before there was a key does not vanish with the first one.
TEST_F(Batches, AdministratorsSeeWhatWasMadeWithoutAKey) {
  const TestServer server(Config());
  const std::string file =
      Upload(server, LineOf("a", ChatJson("ada", RecordedPrompt("algebra-1"))));
  const HttpReply boss = server.Do("POST", "/api/v1/keys", R"({"name":"boss","role":"admin"})");
  ASSERT_EQ(boss.status, 201) << boss.raw;
  const Headers admin = Bearer(boss.At("secret").c_str());
  const HttpReply app = server.Post("/api/v1/keys", R"({"name":"app"})", admin);
  ASSERT_EQ(app.status, 201) << app.raw;
  const Headers client = Bearer(app.At("secret").c_str());
  EXPECT_EQ(server.Get("/v1/files", admin).At("data.0.id"), file);
  EXPECT_EQ(server.Get("/v1/files/" + file, admin).status, 200);
  EXPECT_EQ(server.Get("/v1/files", client).At("data"), "[]");
  EXPECT_EQ(server.Get("/v1/files/" + file, client).status, 404);
}

// More lines than are under way at once: still each expert is loaded once, since all are routed
// first.
TEST_F(Batches, ABatchLoadsEachExpertOnce) {
  ReplayOptions device;
  device.slots = 1;
  device.load = std::chrono::milliseconds(5);
  replay_ = StartReplay(device);
  const TestServer server(Config(", max_concurrency: 8, residency: {kind: llama_swap}"));
  constexpr int kLines = 10'000;
  std::string input;
  for (int i = 0; i < kLines; ++i) {
    input += LineOf(std::to_string(i), ChatJson(kBatchModels[i % 3], RecordedPrompt("algebra-1")));
  }
  const HttpReply batch = AwaitEnd(server, Create(server, Upload(server, input)).At("id"));
  EXPECT_EQ(batch.At("request_counts"), R"({"total":10000,"completed":10000,"failed":0})");
  EXPECT_EQ(replay_->device().loads(), 3);
  EXPECT_EQ(batch.At("moerge.experts"),
            R"([{"expert":"ada","planned":3334,"answered":3334,"failed":0},)"
            R"({"expert":"clio","planned":3333,"answered":3333,"failed":0},)"
            R"({"expert":"remy","planned":3333,"answered":3333,"failed":0}])");
  EXPECT_EQ(batch.At("moerge.seconds_left"), "null");
}

// All first calls of one expert over all lines, then those of the next, then the writers'.
TEST_F(Batches, PoliciesOfSeveralExpertsAreGroupedToo) {
  const TurnTakingModel device;
  const TestServer server("store: \"sqlite:" + folder_.File("moerge.db") + "\"\n" +
                          device.Config({"ada", "clio", "remy"}));
  for (const GroupedCase& each : kGroupedCases) {
    device.Forget();
    std::string input;
    for (int i = 0; i < 1000; ++i) {
      input += LineOf(std::to_string(i), ChatJson(each.policy, "Question"));
    }
    const HttpReply batch = AwaitEnd(server, Create(server, Upload(server, input)).At("id"));
    EXPECT_EQ(batch.At("request_counts"), R"({"total":1000,"completed":1000,"failed":0})");
    device.ExpectTurns(each, 1000);
  }
}

TEST_F(Batches, ProgressIsAStreamOfEvents) {
  ReplayOptions slow;
  slow.latency = std::chrono::milliseconds(50);
  replay_ = StartReplay(slow);
  const TestServer server(Config(", max_concurrency: 2"));
  std::string input;
  for (int i = 0; i < 50; ++i) {
    input += LineOf(std::to_string(i), ChatJson("ada", RecordedPrompt("algebra-1")));
  }
  const std::string id = Create(server, Upload(server, input)).At("id");
  const HttpReply stream = server.Get("/api/v1/batches/" + id + "/progress?stream=true");
  EXPECT_EQ(stream.Header("content-type"), "text/event-stream");
  const std::vector<std::string> events = stream.Events();
  ASSERT_GE(events.size(), 3u) << stream.raw;
  EXPECT_EQ(events.back(), "[DONE]");
  EXPECT_NE(JsonAt(events.front(), "status"), "completed");
  const std::string& last = events[events.size() - 2];
  EXPECT_EQ(JsonAt(last, "status"), "completed");
  EXPECT_EQ(JsonAt(last, "moerge.experts.0.answered"), "50");
  EXPECT_EQ(server.Get("/api/v1/batches/" + id + "/progress").body, last);
  const auto shows = [&](const std::string& metric) {
    return server.Get("/metrics").body.find("\n" + metric + "\n") != std::string::npos;
  };
  EXPECT_TRUE(shows(R"(moerge_batch_calls_total{expert="ada",outcome="answered"} 50)"));
  EXPECT_TRUE(Eventually([&] { return shows("moerge_batches_open 0"); }));
  EXPECT_TRUE(shows(R"(moerge_batch_lines{state="waiting"} 0)"));
  EXPECT_EQ(server.Get("/api/v1/batches/batch_x/progress").status, 404);
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

// Killed at whatever moment, again and again: no line is lost, none is twice in the output. How
// many times: MOERGE_KILLS, 50 in tests/run.sh all.
TEST_F(Batches, AKilledServerGoesOnWhereItWas) {
  const char* wanted = std::getenv("MOERGE_KILLS");
  const int kills = wanted == nullptr ? 3 : std::atoi(wanted);
  const ScriptedModel model([](const std::string&) { return std::optional(Completion("42")); });
  const std::string yaml =
      "store: \"sqlite:" + folder_.File("moerge.db") + "\"\nbackends: [{name: b, base_url: \"" +
      model.Url() + "\", max_concurrency: 8}]\nexperts: [{name: e, backend: b, model: m}]\n" +
      kSmallSkills;
  const int lines = 200 * (kills + 1);
  std::string input;
  for (int i = 0; i < lines; ++i) input += LineOf(std::to_string(i), ChatJson("e", "What is it?"));
  std::string id;
  {
    const TestServer server(yaml);
    id = Create(server, Upload(server, input)).At("id");
  }
  const std::string config = folder_.Write("moerge.yaml", "server: {listen: 127.0.0.1:0}\n" + yaml);
  std::mt19937 random(std::random_device{}());
  for (int i = 0; i < kills; ++i) {
    Process process({"serve", "--config", config}, folder_.File(""));
    const int wait = model.asked() + std::uniform_int_distribution<int>(0, 200)(random);
    EXPECT_TRUE(Eventually([&] {
      return model.asked() > wait || LinesDone() == static_cast<std::size_t>(lines);
    })) << "after kill "
        << i << ": " << LinesDone() << " of " << lines;
    process.Signal(SIGKILL);
    (void)process.Wait();
  }
  const TestServer server(yaml);
  // The rest may take its time.
  for (int i = 0; i < 10 && LinesDone() < static_cast<std::size_t>(lines); ++i) {
    (void)Eventually([&] { return LinesDone() == static_cast<std::size_t>(lines); });
  }
  const HttpReply batch = AwaitEnd(server, id);
  EXPECT_EQ(batch.At("status"), "completed") << batch.body;
  EXPECT_EQ(batch.At("request_counts.completed"), std::to_string(lines));
  std::set<std::string> ids;
  const auto done = LinesOf(Content(server, batch.At("output_file_id")));
  for (const std::string& line : done) ids.insert(JsonAt(line, "custom_id"));
  EXPECT_EQ(done.size(), static_cast<std::size_t>(lines)) << "none twice";
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(lines)) << "none lost";
  EXPECT_LE(model.asked(), lines + kills * 1024)
      << "what was under way, and no more, is asked again";
}

}  // namespace
}  // namespace moerge::test
