#include "tests/integration/harness.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/log.h"
#include "config/base/text.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

const std::string kTable = MOERGE_SOURCE_DIR "/tests/data/mini_table.jsonl";
const std::string kReplies = MOERGE_SOURCE_DIR "/tests/data/mini_replies.jsonl";
constexpr std::chrono::seconds kPatience{120};
constexpr std::chrono::milliseconds kLongestPause{50};  // between two looks

template <class T>
T Must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

json::Value Child(json::Value value, std::string_view step) {
  if (!value.is_array()) return value.Find(step);
  std::int64_t left = ParseInt(step).value_or(-1);
  for (const json::Value element : value.children()) {
    if (left-- == 0) return element;
  }
  return {};
}

// A field of the row `id` of a table in tests/data.
std::string FieldOfRow(const std::string& file, const std::string& id, const std::string& path) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (JsonAt(line, "id") == id) return JsonAt(line, path);
  }
  throw std::runtime_error("no row " + id + " in " + file);
}

}  // namespace

const char* const kSmallSkills = R"(
skills:
  replace: true
  list:
    - name: algebra
      examples: ["Solve for x: 3x + 4 = 19.", "Factor the polynomial x^2 - 4.",
                 "What is the slope of the line?", "Find the roots of the equation."]
    - name: history
      examples: ["Who was the first emperor of Rome?", "Which treaty ended the war?",
                 "In which century did the empire fall?", "Which city was the capital then?"]
    - name: cooking
      examples: ["How do I make a sauce thicker?", "What goes into mayonnaise?",
                 "How long does bread dough rest?", "Which flour is best for pasta?"]
    - name: chemistry
      examples: ["Which gas forms when the metal reacts with acid?", "What is the solution's pH?",
                 "Balance the equation of the reaction.", "How many electrons has the atom?"]
)";

const char* const kArithmeticSkill = R"(
    - name: arithmetic
      examples: ["What is 12 * 34?", "Compute 5 + 6 - 7.", "What is 987 * 654?", "How much is 2^10?"]
)";

std::string JsonAt(std::string_view json, std::string_view path) {
  const Result<json::Document> document = json::Document::Parse(json);
  if (!document) return "(not JSON: " + document.error().message + ")";
  json::Value value = document->root();
  for (const std::string_view step : Split(path, '.')) value = Child(value, step);
  if (!value) return "(absent)";
  return std::string(value.is_string() ? *value.AsString() : value.raw());
}

std::string HttpReply::Header(std::string_view name) const { return HeaderOf(raw, name); }

std::string HttpReply::At(std::string_view path) const { return JsonAt(body, path); }

std::vector<std::string> HttpReply::Events() const {
  constexpr std::string_view kData = "data: ";
  std::vector<std::string> events;
  for (const std::string_view line : Split(body, '\n')) {
    if (line.starts_with(kData)) events.emplace_back(line.substr(kData.size()));
  }
  return events;
}

std::string RequestBytes(std::string_view method, std::string_view path, std::string_view body,
                         const Headers& headers) {
  std::string bytes =
      std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
  bytes += "Content-Type: application/json\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n";
  return bytes.append(body);
}

HttpReply Call(std::uint16_t port, std::string_view method, std::string_view path,
               std::string_view body, const Headers& headers) {
  RawClient client(port);
  client.Send(RequestBytes(method, path, body, headers));
  HttpReply reply;
  reply.raw = client.ReadToEnd(kPatience);
  reply.status = StatusOf(reply.raw);
  reply.body = BodyOf(reply.raw);
  return reply;
}

std::string ChatJson(std::string_view model, std::string_view prompt, std::string_view more) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("model", model).Key("messages").BeginArray().BeginObject();
  writer.Field("role", "user").Field("content", prompt).EndObject().EndArray().EndObject();
  if (!more.empty()) out.insert(out.size() - 1, ", " + std::string(more));
  return out;
}

bool Eventually(const std::function<bool()>& holds) {
  const Deadline deadline = Deadline::After(kPatience);
  std::chrono::milliseconds pause{1};
  while (!holds()) {
    if (deadline.Passed()) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
  return true;
}

std::unique_ptr<ReplayServer> StartReplay(ReplayOptions options) {
  options.port = 0;
  auto server = std::make_unique<ReplayServer>(Must(ReplayTable::Load(kTable, kReplies)), options);
  Must(server->Start());
  return server;
}

std::string UrlOf(const ReplayServer& replay) {
  return "http://127.0.0.1:" + std::to_string(replay.port()) + "/v1";
}

std::string OneExpert(const ReplayServer& replay, const std::string& strengths) {
  return "store: \"memory:\"\nbackends: [{name: replay, base_url: \"" + UrlOf(replay) +
         "\"}]\nexperts: [{name: ada, backend: replay, model: ada, skills: {" + strengths +
         "}}]\n" + kSmallSkills;
}

std::string RecordedReply(const std::string& id, const std::string& model) {
  return FieldOfRow(kReplies, id, "replies." + model);
}

std::string RecordedPrompt(const std::string& id) { return FieldOfRow(kTable, id, "prompt"); }

TestServer::TestServer(const std::string& yaml, const std::string& server) : server_(server) {
  WriteConfig(yaml);
  ConfigureLog(LogLevel::kOff, LogFormat::kText);
  app_ = std::make_unique<App>(Must(LoadConfig(folder_.File("moerge.yaml"))));
  Must(app_->Start());
  AwaitTrained();
}

void TestServer::WriteConfig(const std::string& yaml) const {
  std::string text = "server: {listen: \"127.0.0.1:0\", log: {level: off}, threads: 2";
  if (!server_.empty()) text += ", " + server_;
  folder_.Write("moerge.yaml", text + "}\n" + yaml);
}

void TestServer::AwaitTrained() const {
  EXPECT_TRUE(app_->WaitTrained(Deadline::After(kPatience)));
}

HttpReply TestServer::Get(std::string_view path, const Headers& headers) const {
  return Call(port(), "GET", path, {}, headers);
}

HttpReply TestServer::Post(std::string_view path, std::string_view body,
                           const Headers& headers) const {
  return Call(port(), "POST", path, body, headers);
}

HttpReply TestServer::Do(std::string_view method, std::string_view path, std::string_view body,
                         const Headers& headers) const {
  return Call(port(), method, path, body, headers);
}

HttpReply TestServer::Chat(std::string_view model, std::string_view prompt,
                           std::string_view more) const {
  return Post("/v1/chat/completions", ChatJson(model, prompt, more));
}

double TestServer::Metric(std::string_view name) const {
  const std::string text = Get("/metrics").body;
  const std::string line = "\n" + std::string(name) + " ";
  const std::size_t at = text.find(line);
  if (at == text.npos) return -1;
  const std::size_t begin = at + line.size();
  return ParseDouble(text.substr(begin, text.find('\n', begin) - begin)).value_or(-1);
}

}  // namespace moerge::test
