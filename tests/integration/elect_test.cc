// `moerge elect` against a running server, and who writes then.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

// The letter behind `mark`, in a request's body.
std::string LetterAfter(const std::string& body, std::string_view mark) {
  const std::size_t at = body.find(mark);
  return at == body.npos ? std::string() : body.substr(at + mark.size(), 1);
}

// Knows every answer: the questions of the table say it.
std::optional<std::string> KnowsIt(const std::string& request) {
  const std::string body = BodyIn(request);
  const std::string right = LetterAfter(body, "choose letter ");
  if (right.empty()) return Completion("I know it.");
  if (!Has(body, "VERDICT")) return Completion("The answer is (" + right + ").");
  const std::string in_a = LetterAfter(body.substr(body.find("begin A (")), "The answer is (");
  return Completion(in_a == right ? "VERDICT: A" : "VERDICT: B");
}

// Takes what stands first.
std::optional<std::string> TakesTheFirst(const std::string& request) {
  const std::string body = BodyIn(request);
  if (Has(body, "VERDICT")) return Completion("VERDICT: A");
  const std::size_t first = body.find("begin A (");
  if (first == body.npos || !Has(body, "choose letter ")) return Completion("I take the first.");
  return Completion("The answer is (" + LetterAfter(body.substr(first), "The answer is (") + ").");
}

class Elect : public ::testing::Test {
 protected:
  static std::string Config(const std::vector<std::pair<std::string, std::string>>& models) {
    std::string yaml = "store: \"memory:\"\ntools: off\nbackends:\n";
    for (const auto& [name, url] : models) {
      yaml += "  - {name: " + name + ", base_url: \"" + url + "\", retries: 0}\n";
    }
    yaml += "experts:\n";
    double strength = 0.9;
    for (const auto& [name, url] : models) {
      yaml += "  - {name: " + name + ", backend: " + name +
              ", model: m, skills: {general: " + std::to_string(strength -= 0.1) + "}}\n";
    }
    return yaml +
           "policies:\n  - {name: written, experts: 2, aggregate: synthesize, "
           "max_fallbacks: 0}\n" +
           kSmallSkills;
  }

  std::string Table() const {
    std::string table;
    for (int i = 0; i < 8; ++i) {
      const std::string right(1, static_cast<char>('A' + i % 4));
      table += R"({"id":")" + std::to_string(i) + R"(","prompt":"Number )" + std::to_string(i) +
               ": choose letter " + right + R"(\nA. w\nB. x\nC. y\nD. z","category":"algebra",)" +
               R"("reference":")" + right + R"(","scores":{"one":1,"two":0}})" + "\n";
    }
    return folder_.Write("questions.jsonl", table);
  }

  Finished Moerge(const TestServer& server, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(),
                     {"--server", "http://127.0.0.1:" + std::to_string(server.port())});
    return RunMoerge(arguments, folder_.File("."));
  }

  static HttpReply Written(const TestServer& server) {
    return server.Chat("moerge/written", RecordedPrompt("algebra-2"));
  }

  TempFolder folder_;
};

TEST_F(Elect, TheExpertThatPicksRightAnswersWritesFromThenOn) {
  ScriptedModel first(TakesTheFirst), knows(KnowsIt);
  const TestServer server(Config({{"first", first.Url()}, {"knows", knows.Url()}}));
  server.AwaitTrained();
  EXPECT_EQ(Written(server).At("choices.0.message.content"), "I take the first.");

  const Finished done = Moerge(server, {"elect", "--table", Table(), "--per-category", "8", "--out",
                                        folder_.File("roles.jsonl")});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(Has(done.err, "8 tasks, 2 experts: 48 calls")) << done.err;
  EXPECT_TRUE(Has(done.out, "author.algebra")) << done.out;
  EXPECT_TRUE(Has(done.out, "kept as elect:questions.jsonl")) << done.out;

  const HttpReply reply = Written(server);
  EXPECT_EQ(reply.At("choices.0.message.content"), "I know it.") << reply.raw;
  EXPECT_TRUE(Has(reply.raw, "author elected for algebra: knows, right in 8 of 8 tasks"))
      << reply.raw;

  const HttpReply profile = server.Get("/api/v1/profiles/first");
  EXPECT_EQ(profile.At("roles.0.role"), "author") << profile.body;
  EXPECT_EQ(profile.At("roles.0.category"), "algebra");
  EXPECT_EQ(profile.At("roles.0.wins"), "2") << "each place is the right one's equally often";
  EXPECT_EQ(profile.At("roles.1.role"), "judge");
  EXPECT_EQ(profile.At("roles.1.wins"), "0") << "it goes by the place";
  EXPECT_EQ(profile.At("roles.1.trials"), "8");
  EXPECT_EQ(profile.At("trials"), "0") << "a role is no skill";
  EXPECT_FALSE(Has(server.Get("/api/v1/skills").raw, "author.algebra"));

  const Finished shown = Moerge(server, {"profile", "show", "knows"});
  EXPECT_TRUE(Has(shown.out, "judge.algebra")) << shown.out;
  const Finished exported = Moerge(server, {"profile", "export"});
  const Finished again = Moerge(server, {"profile", "import", folder_.File("roles.jsonl")});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(Moerge(server, {"profile", "export"}).out, exported.out);
}

TEST_F(Elect, OneRoleOfSomeExpertsAndOneThatFails) {
  ScriptedModel knows(KnowsIt), broken([](const std::string&) { return Failing(500); }),
      idle(KnowsIt);
  const TestServer server(
      Config({{"knows", knows.Url()}, {"broken", broken.Url()}, {"idle", idle.Url()}}));
  const Finished done = Moerge(server, {"elect", "--table", Table(), "--role", "judge", "--experts",
                                        "knows,broken", "--per-category", "3", "--at-once", "1"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(Has(done.err, "`broken` left 6 calls without an answer")) << done.err;
  EXPECT_FALSE(Has(done.out, "author.")) << done.out;
  EXPECT_EQ(knows.asked(), 6);
  EXPECT_EQ(idle.asked(), 0);
  const HttpReply profile = server.Get("/api/v1/profiles/knows");
  EXPECT_EQ(profile.At("roles.0.role"), "judge");
  EXPECT_EQ(profile.At("roles.0.wins"), "3") << profile.body;
  EXPECT_EQ(server.Get("/api/v1/profiles/broken").At("roles.0.role"), "(absent)");
}

TEST_F(Elect, MistakesAreSaid) {
  ScriptedModel broken([](const std::string&) { return Failing(500); });
  const TestServer server(Config({{"broken", broken.Url()}}));
  const std::string no_reference = folder_.Write(
      "t.jsonl", R"({"id":"1","prompt":"p","category":"algebra","scores":{"a":1,"b":0}})");
  const Finished useless = Moerge(server, {"elect", "--table", no_reference});
  EXPECT_EQ(useless.code, 1);
  EXPECT_TRUE(Has(useless.err, "no row makes a task")) << useless.err;
  const Finished silent = Moerge(server, {"elect", "--table", Table()});
  EXPECT_EQ(silent.code, 1);
  EXPECT_TRUE(Has(silent.err, "nothing was measured")) << silent.err;
  EXPECT_EQ(Moerge(server, {"elect", "--table", folder_.File("none.jsonl")}).code, 1);
}

}  // namespace
}  // namespace moerge::test
