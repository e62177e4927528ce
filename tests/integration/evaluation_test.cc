// Experts are asked questions over the API, and what they know becomes profiles.
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <mutex>

#include "config/base/json.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

constexpr const char* kPath = "/api/v1/evaluations";

class Evaluations : public testing::Test {
 protected:
  // Recorded questions of algebra and history, with what is right.
  static std::string Order(const std::string& more = "") {
    std::string body = "{\"questions\":[";
    const std::pair<const char*, const char*> rows[] = {{"algebra-1", "12"}, {"algebra-2", "17"}};
    bool first = true;
    for (const auto& [id, reference] : rows) {
      if (!first) body += ",";
      first = false;
      json::Writer writer(&body);
      writer.BeginObject().Field("id", id).Field("prompt", RecordedPrompt(id));
      writer.Field("category", "algebra").Field("reference", reference).EndObject();
    }
    return body + "]" + more + "}";
  }
  HttpReply AwaitEnd(const std::string& id) const {
    const std::string path = std::string(kPath) + "/" + id;
    EXPECT_TRUE(Eventually([&] { return server_.Do("GET", path).At("status") != "running"; }));
    return server_.Do("GET", path);
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{"store: \"memory:\"\nbackends:\n  - {name: replay, base_url: \"" +
                     UrlOf(*replay_) +
                     "\"}\nexperts:\n"
                     "  - {name: ada, backend: replay, model: ada}\n"
                     "  - {name: clio, backend: replay, model: clio}\n" +
                     kSmallSkills};
};

TEST_F(Evaluations, WhatExpertsKnowBecomesTheirProfiles) {
  const HttpReply begun = server_.Do("POST", kPath, Order(R"(,"source":"exam")"));
  ASSERT_EQ(begun.status, 201) << begun.raw;
  EXPECT_EQ(begun.At("calls"), "4");
  const HttpReply over = AwaitEnd(begun.At("id"));
  EXPECT_EQ(over.At("status"), "completed") << over.raw;
  EXPECT_EQ(over.At("asked"), "4");
  EXPECT_EQ(over.At("experts.0.expert"), "ada");
  EXPECT_EQ(over.At("experts.0.right"), "2");
  EXPECT_EQ(over.At("experts.1.right"), "0");
  EXPECT_EQ(over.At("revision"), server_.Do("GET", "/api/v1/experts").At("revision"));
  const HttpReply profile = server_.Do("GET", "/api/v1/profiles/ada");
  EXPECT_NE(profile.body.find("exam"), std::string::npos) << profile.raw;
  const HttpReply table = server_.Do("GET", std::string(kPath) + "/" + begun.At("id") + "/table");
  EXPECT_EQ(table.Header("content-type"), "application/x-ndjson");
  EXPECT_NE(table.body.find(R"("scores":{"ada":1,"clio":0})"), std::string::npos) << table.body;
  EXPECT_EQ(server_.Do("GET", kPath).At("data.0.id"), begun.At("id"));
  const HttpReply cancelled =
      server_.Do("POST", std::string(kPath) + "/" + begun.At("id") + "/cancel");
  EXPECT_EQ(cancelled.status, 409) << cancelled.raw;
  EXPECT_EQ(server_.Do("GET", "/api/v1/audit?kind=profile").At("data.0.name"), "exam");
}

TEST_F(Evaluations, AreFollowedAsEventsToTheirEnd) {
  const HttpReply begun = server_.Do("POST", kPath, Order());
  ASSERT_EQ(begun.status, 201) << begun.raw;
  const HttpReply stream = server_.Get(std::string(kPath) + "/" + begun.At("id") + "/events");
  EXPECT_EQ(stream.Header("content-type"), "text/event-stream");
  const std::vector<std::string> events = stream.Events();
  ASSERT_GE(events.size(), 2u) << stream.raw;
  EXPECT_EQ(events.back(), "[DONE]");
  EXPECT_EQ(JsonAt(events[events.size() - 2], "status"), "completed") << stream.raw;
  EXPECT_EQ(JsonAt(events[events.size() - 2], "asked"), "4") << stream.raw;
  EXPECT_EQ(server_.Get(std::string(kPath) + "/none/events").status, 404);
}

TEST_F(Evaluations, WithoutImportNothingChanges) {
  const std::string before = server_.Do("GET", "/api/v1/experts").At("revision");
  const HttpReply begun = server_.Do("POST", kPath, Order(R"(,"import":false,"experts":["clio"])"));
  ASSERT_EQ(begun.status, 201) << begun.raw;
  EXPECT_EQ(AwaitEnd(begun.At("id")).At("status"), "completed");
  EXPECT_EQ(server_.Do("GET", "/api/v1/experts").At("revision"), before);
}

TEST_F(Evaluations, WrongOrdersAreRefused) {
  struct Case {
    std::string body;
    const char* param;
  };
  for (const Case& one :
       {Case{"{}", "questions"}, Case{R"({"questions":[]})", "questions"},
        Case{R"({"questions":[{"id":"1","prompt":"a"}]})", "questions[0]"},
        Case{Order(R"(,"experts":["adam"])"), "experts[0]"},
        Case{Order(R"(,"at_once":0)"), "at_once"}, Case{Order(R"(,"colour":1)"), "colour"},
        Case{Order(R"(,"import":"yes")"), "import"}}) {
    const HttpReply reply = server_.Do("POST", kPath, one.body);
    EXPECT_EQ(reply.status, 400) << reply.raw;
    EXPECT_EQ(reply.At("error.param"), one.param) << reply.raw;
  }
  EXPECT_EQ(server_.Do("GET", std::string(kPath) + "/none").status, 404);
  EXPECT_EQ(server_.Do("POST", std::string(kPath) + "/none/cancel").status, 404);
  EXPECT_EQ(server_.Do("GET", std::string(kPath) + "/none/table").status, 404);
}

// Models that begin an answer and never end it.
TEST(StalledEvaluation, IsAloneIsCancelledAndEndsWithTheServer) {
  ReplayOptions options;
  options.faults.stall = 1;
  const std::unique_ptr<ReplayServer> replay = StartReplay(options);
  const TestServer server("store: \"memory:\"\nbackends:\n  - {name: replay, base_url: \"" +
                          UrlOf(*replay) +
                          "\"}\nexperts:\n"
                          "  - {name: ada, backend: replay, model: ada}\n" +
                          kSmallSkills);
  const Headers type = {{"Content-Type", "application/json"}};
  std::string order = R"({"at_once":4,"questions":[)";
  json::Writer writer(&order);
  writer.BeginObject().Field("id", "1").Field("prompt", RecordedPrompt("algebra-1"));
  writer.Field("reference", "12").EndObject();
  order += "]}";
  const HttpReply begun = server.Post(kPath, order, type);
  ASSERT_EQ(begun.status, 201) << begun.raw;
  EXPECT_EQ(server.Post(kPath, order, type).status, 409);
  const std::string one = std::string(kPath) + "/" + begun.At("id");
  const HttpReply cancelling = server.Post(one + "/cancel", "", type);
  EXPECT_EQ(cancelling.status, 200);
  EXPECT_EQ(cancelling.At("status"), "cancelling") << cancelling.raw;
  ASSERT_TRUE(Eventually([&] { return server.Get(one).At("status") == "cancelled"; }));
  EXPECT_EQ(server.Get(one).At("revision"), "null");
  EXPECT_EQ(server.Get(one + "/table").body, "");
  // The server ends, though this one runs.
  EXPECT_TRUE(Eventually([&] { return server.Post(kPath, order, type).status == 201; }));
}

// A model that answers as often as it may and then hangs; how often it has answered what.
class CountedModel {
 public:
  void Allow(std::size_t answers) {
    const std::lock_guard lock(mutex_);
    allowed_ = answers;
  }
  std::map<std::string, int> given() {
    const std::lock_guard lock(mutex_);
    return given_;
  }
  std::string Url() const { return model_.Url(); }

 private:
  std::optional<std::string> Answer(const std::string& request) {
    const std::lock_guard lock(mutex_);
    std::size_t answers = 0;
    for (const auto& [prompt, times] : given_) answers += static_cast<std::size_t>(times);
    if (answers >= allowed_) return std::nullopt;
    ++given_[JsonAt(BodyIn(request), "messages.0.content")];
    return Completion("42");
  }

  std::mutex mutex_;
  std::size_t allowed_ = 0;
  std::map<std::string, int> given_;
  ScriptedModel model_{[this](const std::string& request) { return Answer(request); }};
};

std::uint16_t PortIn(const Process& process) {
  const std::string text = process.output() + process.errors();
  return static_cast<std::uint16_t>(std::stoi(text.substr(text.find("127.0.0.1:") + 10)));
}

// Killed, and ended in peace: nothing that was answered is asked again, and nothing is left out.
TEST(EndedServer, LeavesEvaluationsThatTheNextStartGoesOnWith) {
  constexpr int kQuestions = 30;
  CountedModel model;
  const TempFolder folder;
  const std::string config = folder.Write(
      "moerge.yaml", "server: {listen: 127.0.0.1:0}\nstore: \"sqlite:" + folder.File("moerge.db") +
                         "\"\nbackends: [{name: b, base_url: \"" + model.Url() +
                         "\"}]\nexperts: [{name: e, backend: b, model: m}]\n" + kSmallSkills);
  std::string order = R"({"at_once":4,"source":"exam","questions":[)";
  for (int i = 0; i < kQuestions; ++i) {
    if (i > 0) order += ",";
    json::Writer writer(&order);
    writer.BeginObject().Field("id", std::to_string(i)).Field("reference", "42");
    writer.Field("prompt", "What is " + std::to_string(i) + " + the rest?").EndObject();
  }
  order += "]}";
  std::string id;
  std::size_t allowed = 0;
  for (const int signal : {SIGKILL, SIGTERM}) {
    allowed += 10;
    model.Allow(allowed);
    Process process({"serve", "--config", config}, folder.File(""));
    ASSERT_TRUE(process.AwaitOutput("store="));
    const std::uint16_t port = PortIn(process);
    if (id.empty()) {
      id = Call(port, "POST", kPath, order, {{"Content-Type", "application/json"}}).At("id");
    }
    HttpReply run;
    EXPECT_TRUE(Eventually([&] {
      run = Call(port, "GET", std::string(kPath) + "/" + id);
      return run.At("asked") == std::to_string(allowed);
    })) << run.raw;
    process.Signal(signal);
    EXPECT_EQ(process.Wait().code, signal == SIGTERM ? 0 : -1);
  }
  model.Allow(1000);
  Process process({"serve", "--config", config}, folder.File(""));
  ASSERT_TRUE(process.AwaitOutput("store="));
  const std::uint16_t port = PortIn(process);
  EXPECT_EQ(Call(port, "GET", kPath).At("data.0.id"), id);
  HttpReply run;
  EXPECT_TRUE(Eventually([&] {
    run = Call(port, "GET", std::string(kPath) + "/" + id);
    return run.At("status") == "completed";
  })) << run.raw;
  EXPECT_EQ(run.At("asked"), std::to_string(kQuestions));
  EXPECT_EQ(run.At("experts.0.right"), std::to_string(kQuestions));
  EXPECT_NE(run.At("revision"), "null");
  const std::map<std::string, int> given = model.given();
  EXPECT_EQ(given.size(), static_cast<std::size_t>(kQuestions));
  for (const auto& [prompt, times] : given) EXPECT_EQ(times, 1) << prompt;
  EXPECT_NE(Call(port, "GET", "/api/v1/profiles/e").body.find("exam"), std::string::npos);
}

}  // namespace
}  // namespace moerge::test
