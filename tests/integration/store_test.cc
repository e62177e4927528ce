// What outlives a restart, and what happens when the disk does not play along.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

class WithStore : public ::testing::Test {
 protected:
  std::string Config() const {
    return "store: \"sqlite:" + Database() + "\"\nbackends: [{name: replay, base_url: \"" +
           UrlOf(*replay_) + "\"}]\nexperts:\n" +
           "  - {name: ada, backend: replay, model: ada, skills: {general: 0.5}}\n" + kSmallSkills;
  }
  std::string Database() const { return folder_.File("moerge.db"); }

  TempFolder folder_;
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
};

TEST_F(WithStore, ExpertsEvidenceAndDecisionsOutliveARestart) {
  std::string decision;
  std::string revision;
  {
    const TestServer server(Config());
    for (const char* name : {"clio", "remy"}) {
      const std::string body = R"({"name":")" + std::string(name) +
                               R"(","backend":"replay","model":")" + name +
                               R"(","skills":{"history":0.6}})";
      ASSERT_EQ(server.Post("/api/v1/experts", body).status, 201);
    }
    std::string table;
    for (int i = 0; i < 30; ++i) {
      table += R"({"id":")" + std::to_string(i) +
               R"(","prompt":"Who ruled?","category":"history","scores":{"clio":0,"remy":1}})" +
               "\n";
    }
    ASSERT_EQ(server.Post("/api/v1/profiles/import?source=t", table).status, 200);
    const HttpReply reply = server.Chat("auto", RecordedPrompt("history-1"));
    EXPECT_EQ(reply.At("moerge.expert"), "remy") << reply.raw;
    decision = reply.At("moerge.decision");
    revision = server.Get("/api/v1/experts").At("revision");
  }
  const TestServer server(Config());
  EXPECT_EQ(server.Get("/api/v1/experts/clio").At("origin"), "store");
  EXPECT_EQ(server.Get("/api/v1/profiles/remy").At("trials"), "30");
  EXPECT_EQ(server.Chat("auto", RecordedPrompt("history-1")).At("moerge.expert"), "remy");
  EXPECT_EQ(server.Get("/api/v1/decisions/" + decision).At("expert"), "remy");
}

TEST_F(WithStore, AFullDiskCostsDecisionsAndNoRequest) {
  const TestServer server(Config());
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full{4096, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  const bool counted = Eventually([&] {
    EXPECT_EQ(server.Chat("auto", RecordedPrompt("algebra-1")).status, 200);
    return server.Metric("moerge_decisions_lost_total") > 0;
  });
  const HttpReply refused =
      server.Post("/api/v1/experts", R"({"name":"e","backend":"replay","model":"m"})");
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(counted);
  EXPECT_EQ(refused.status, 500) << refused.raw;
  EXPECT_EQ(server.Get("/api/v1/experts/e").status, 404) << "what is not durable is not visible";
  EXPECT_EQ(server.Post("/api/v1/experts", R"({"name":"e","backend":"replay","model":"m"})").status,
            201);
}

TEST_F(WithStore, ALockedDatabaseHoldsUpNoRequest) {
  const TestServer server(Config());
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(Database().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  std::string last;
  for (int i = 0; i < 20; ++i) {
    const HttpReply reply = server.Chat("auto", RecordedPrompt("algebra-1"));
    EXPECT_EQ(reply.status, 200);
    last = reply.At("moerge.decision");
  }
  EXPECT_TRUE(Eventually([&] { return server.Get("/api/v1/decisions/" + last).status == 200; }))
      << "what waits to be written is shown";
  EXPECT_EQ(server.Post("/api/v1/decisions/" + last + "/replay", "{}").status, 200);
  EXPECT_LT(server.Metric("moerge_decisions_written_total"), 20);
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_TRUE(Eventually([&] { return server.Get("/api/v1/decisions/" + last).status == 200; }));
  EXPECT_EQ(server.Metric("moerge_decisions_lost_total"), 0);
}

TEST_F(WithStore, AStoreThatCannotBeOpenedIsSaidAtStart) {
  const std::string yaml = "store: \"sqlite:" + folder_.File("no/such/folder/moerge.db") + "\"\n";
  try {
    const TestServer server(yaml);
    ADD_FAILURE() << "started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("no/such/folder"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace moerge::test
