// A whole moerge inside the test process, recorded models behind it, and a client that speaks plain
// HTTP to it. Everything listens on a free port of 127.0.0.1 and goes away with its object.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/app.h"
#include "services/replay/replay_server.h"
#include "tests/support/temp_folder.h"

namespace moerge::test {

// One reply. Fields of a JSON body are reached by path: At("error.code"), At("data.0.id").
struct HttpReply {
  int status = 0;  // 0: none came
  std::string raw;
  std::string body;

  std::string Header(std::string_view name) const;
  // A string as its text, other values as JSON; "(absent)" where there is nothing.
  std::string At(std::string_view path) const;
  // The `data:` of each event of a stream.
  std::vector<std::string> Events() const;
};
std::string JsonAt(std::string_view json, std::string_view path);

using Headers = std::vector<std::pair<std::string, std::string>>;
// The keys of tests that give a server keys, and the header that carries one.
inline constexpr const char* kAdmin = "an-admin-key-of-the-tests";
inline constexpr const char* kInference = "an-inference-key-of-the-tests";
inline Headers Bearer(const char* key) { return {{"Authorization", std::string("Bearer ") + key}}; }
// What a scripted expert begins a stream with.
inline constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
HttpReply Call(std::uint16_t port, std::string_view method, std::string_view path,
               std::string_view body = {}, const Headers& headers = {});
// The bytes of a request, `Connection: close` among them.
std::string RequestBytes(std::string_view method, std::string_view path, std::string_view body,
                         const Headers& headers = {});

// {"model": MODEL, "messages": [the prompt as the user's]} and `more` members, as JSON.
std::string ChatJson(std::string_view model, std::string_view prompt, std::string_view more = {});

// Asks again until it holds; false: it did not within two minutes.
bool Eventually(const std::function<bool()>& holds);

// The recorded table of tests/data as models ada (algebra, chemistry), clio (history), remy
// (cooking).
std::unique_ptr<ReplayServer> StartReplay(ReplayOptions options = {});
// "http://127.0.0.1:PORT/v1"
std::string UrlOf(const ReplayServer& replay);
// What `model` said to the row `id`; what was asked there.
std::string RecordedReply(const std::string& id, const std::string& model);
std::string RecordedPrompt(const std::string& id);

// Four small skills in place of the shipped ones, so that training takes no time. YAML; stands
// last.
extern const char* const kSmallSkills;
// A configuration of one model of the recorded ones, ada, with these strengths, and those skills.
std::string OneExpert(const ReplayServer& replay, const std::string& strengths = "general: 0.9");
// Behind those: one that makes routing ask the arithmetic tool.
extern const char* const kArithmeticSkill;

// A moerge with its configuration in a file, trained and listening.
class TestServer {
 public:
  // `yaml` holds everything but `server:`; `server` are members of it.
  explicit TestServer(const std::string& yaml, const std::string& server = "");

  std::uint16_t port() const { return app_->port(); }
  App& app() { return *app_; }
  const TempFolder& folder() const { return folder_; }
  // What a changed file would be; takes effect with Reload.
  void WriteConfig(const std::string& yaml) const;
  void AwaitTrained() const;

  HttpReply Get(std::string_view path, const Headers& headers = {}) const;
  HttpReply Post(std::string_view path, std::string_view body, const Headers& headers = {}) const;
  HttpReply Do(std::string_view method, std::string_view path, std::string_view body = {},
               const Headers& headers = {}) const;
  HttpReply Chat(std::string_view model, std::string_view prompt, std::string_view more = {}) const;
  // The value of a metric without labels; -1 if there is none.
  double Metric(std::string_view name) const;

 private:
  TempFolder folder_;
  std::string server_;
  std::unique_ptr<App> app_;
};

}  // namespace moerge::test
