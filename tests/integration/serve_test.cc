// `moerge serve` and `moerge init` as processes.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>

#include "services/http/server.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

// The port that `moerge serve` says it listens on.
std::uint16_t PortOf(const std::string& output) {
  constexpr std::string_view kAddress = "http://127.0.0.1:";
  const std::size_t at = output.find(kAddress);
  return at == output.npos
             ? 0
             : static_cast<std::uint16_t>(std::stoi(output.substr(at + kAddress.size(), 5)));
}

class Serve : public ::testing::Test {
 protected:
  void Write(const std::string& more) const {
    folder_.Write("moerge.yaml",
                  "server: {listen: \"127.0.0.1:0\"}\nstore: \"memory:\"\n" + more + kSmallSkills);
  }
  TempFolder folder_;
};

TEST_F(Serve, StartsOnTheFileOfItsFolderAndEndsPolitely) {
  Write("");
  Process server({"serve"}, folder_.File("."));
  ASSERT_TRUE(server.AwaitOutput("listens")) << server.errors();
  ASSERT_TRUE(server.AwaitOutput("http://127.0.0.1:"));
  const std::string said = server.output() + server.errors();
  EXPECT_EQ(Call(PortOf(said), "GET", "/health").status, 200) << said;
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Wait().code, 0);
}

// 256 files, 300 clients that are merely connected: who has a connection is answered, by an expert
// for which a descriptor is left.
TEST_F(Serve, IdleConnectionsLeaveDescriptorsForExperts) {
  const auto replay = StartReplay();
  Write("backends: [{name: replay, base_url: \"" + UrlOf(*replay) +
        "\", retries: 0}]\nexperts: [{name: ada, backend: replay, model: ada}]\n");
  Process server({"serve"}, folder_.File("."), {}, 256);
  ASSERT_TRUE(server.AwaitOutput("listens")) << server.errors();
  const std::uint16_t port = PortOf(server.output() + server.errors());
  RawClient early(port);
  early.Send("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  ASSERT_EQ(StatusOf(early.ReadReply()), 200);
  std::vector<std::unique_ptr<RawClient>> idle;
  int refused = 0;
  for (int i = 0; i < 300; ++i) idle.push_back(std::make_unique<RawClient>(port));
  for (int i = 200; i < 300; ++i) refused += StatusOf(idle[i]->ReadReply()) == 503 ? 1 : 0;
  EXPECT_EQ(refused, 100);
  const std::string body = ChatJson("ada", RecordedPrompt("algebra-1"));
  for (int i = 0; i < 5; ++i) {
    early.Send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\ncontent-type: "
        "application/json\r\ncontent-length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    const std::string reply = early.ReadReply();
    EXPECT_EQ(StatusOf(reply), 200) << reply;
  }
}

TEST_F(Serve, AHangupReloadsAndABrokenFileIsSaidAndLeftOut) {
  Write("");
  Process server({"serve"}, folder_.File("."));
  ASSERT_TRUE(server.AwaitOutput("listens")) << server.errors();
  const std::uint16_t port = PortOf(server.output() + server.errors());
  Write("policies: [{name: extra}]\n");
  server.Signal(SIGHUP);
  ASSERT_TRUE(server.AwaitOutput("configuration reloaded")) << server.errors();
  EXPECT_EQ(Call(port, "GET", "/v1/models/moerge/extra").status, 200);
  Write("policies: [{name: extra, colour: red}]\n");
  server.Signal(SIGHUP);
  ASSERT_TRUE(server.AwaitOutput("the old one stays in force")) << server.errors();
  EXPECT_TRUE(server.AwaitOutput("colour"));
  EXPECT_EQ(Call(port, "GET", "/v1/models/moerge/extra").status, 200);
  server.Signal(SIGINT);
  EXPECT_EQ(server.Wait().code, 0);
}

TEST_F(Serve, WhereOthersReachItAndNoKeyIsALinkIsPrinted) {
  Write("");
  Process server({"serve", "--listen", "0.0.0.0:0"}, folder_.File("."));
  ASSERT_TRUE(server.AwaitOutput("/first/")) << server.errors();
  EXPECT_TRUE(Has(server.errors(), "has no key")) << server.errors();
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Wait().code, 0);
}

TEST_F(Serve, AKeyThatIsNotSetIsSaidWithoutAnyKey) {
  Write("keys: [{name: a, key_env: MOERGE_TEST_NOT_SET}, {name: b, key_env: MOERGE_TEST_SHORT}]\n");
  const Finished done =
      RunMoerge({"serve"}, folder_.File("."), {{"MOERGE_TEST_SHORT", "tooshortkey"}});
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(Has(done.err, "MOERGE_TEST_NOT_SET")) << done.err;
  EXPECT_FALSE(Has(done.err, "tooshortkey")) << done.err;
}

TEST_F(Serve, APortThatIsTakenIsSaid) {
  const auto other = StartReplay();
  Write("");
  const std::string address = "127.0.0.1:" + std::to_string(other->port());
  const Finished done = RunMoerge({"serve", "--listen", address}, folder_.File("."));
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(Has(done.err, std::to_string(other->port()))) << done.err;
}

// An Ollama that lists two models.
class OllamaTags final : public http::Handler {
 public:
  Task<void> Handle(http::Exchange& exchange) override {
    http::Reply reply;
    reply.body = R"({"models":[{"name":"llama3.2:3b"},{"name":"qwen2.5:7b"}]})";
    (void)co_await exchange.Send(std::move(reply));
  }
  http::Reply ErrorReply(int status, std::string_view) const override {
    http::Reply reply;
    reply.status = status;
    return reply;
  }
};

TEST_F(Serve, InitWritesAFileThatCheckPassesAndNeverOverwritesUnasked) {
  Metrics metrics;
  http::ServerOptions options;
  options.port = 11434;
  http::Server ollama(
      options, [](const Executor&, int) { return std::make_unique<OllamaTags>(); }, metrics);
  const bool free = ollama.Start().ok();
  if (!free) std::puts("port 11434 is taken: what runs there is found in place of the test's own");
  const Environment keys = {{"OPENAI_API_KEY", "a-secret-of-nobody"}, {"ANTHROPIC_API_KEY", ""}};
  const Finished done = RunMoerge({"init"}, folder_.File("."), keys);
  ASSERT_EQ(done.code, 0) << done.err;
  const Finished shown = RunMoerge({"init", "--output", "-"}, folder_.File("."), keys);
  EXPECT_TRUE(Has(shown.out, "api_key_env: OPENAI_API_KEY")) << shown.out;
  EXPECT_FALSE(Has(shown.out, "a-secret-of-nobody"));
  EXPECT_TRUE(!free || Has(shown.out, "llama3.2:3b")) << shown.out;
  EXPECT_EQ(RunMoerge({"check", "moerge.yaml"}, folder_.File(".")).code, 0);
  const Finished again = RunMoerge({"init"}, folder_.File("."), keys);
  EXPECT_EQ(again.code, 1);
  EXPECT_TRUE(Has(again.err, "--force")) << again.err;
  EXPECT_EQ(RunMoerge({"init", "--force"}, folder_.File("."), keys).code, 0);
}

}  // namespace
}  // namespace moerge::test
