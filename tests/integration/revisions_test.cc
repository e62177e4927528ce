// Earlier states of the registry over the API, and the registry as one file.
#include <gtest/gtest.h>

#include "config/base/line_reader.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"

namespace moerge::test {
namespace {

class Revisions : public testing::Test {
 protected:
  std::string Revision() const { return server_.Do("GET", "/api/v1/experts").At("revision"); }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{OneExpert(*replay_, "algebra: 0.9")};
};

constexpr const char* kClio =
    R"({"name":"clio","backend":"replay","model":"clio","skills":{"history":0.9}})";

TEST_F(Revisions, AreListedComparedAndBroughtBack) {
  ASSERT_EQ(server_.Do("POST", "/api/v1/experts", kClio).status, 201);
  const std::string good = Revision();
  const std::string before = server_.Do("GET", "/api/v1/experts/clio").Header("etag");
  ASSERT_EQ(server_.Do("PATCH", "/api/v1/experts/clio", R"({"skills":{}})").status, 200);
  ASSERT_EQ(server_.Do("POST", "/api/v1/skills", R"({"name":"law"})").status, 201);
  const HttpReply listed = server_.Do("GET", "/api/v1/revisions");
  EXPECT_EQ(listed.At("data.0.revision"), Revision());
  EXPECT_EQ(listed.At("data.0.named.0.name"), "law");
  EXPECT_EQ(listed.At("data.2.revision"), good);
  EXPECT_EQ(server_.Do("GET", "/api/v1/revisions?before=" + good).At("data.0.revision"),
            "(absent)");
  const HttpReply compared = server_.Do("GET", "/api/v1/revisions/compare?from=" + good);
  EXPECT_EQ(compared.At("data.0.name"), "clio");
  EXPECT_EQ(compared.At("data.0.before.skills.history"), "0.9");
  EXPECT_EQ(compared.At("data.1.before"), "null");
  EXPECT_EQ(server_.Do("GET", "/api/v1/revisions/compare?from=x").At("error.param"), "from");

  const std::string restore = "/api/v1/revisions/" + good + "/restore";
  const HttpReply tried = server_.Do("POST", restore + "?dry_run=true");
  EXPECT_EQ(tried.At("put"), "1") << tried.raw;
  EXPECT_EQ(tried.At("removed"), "1");
  EXPECT_EQ(server_.Do("GET", "/api/v1/skills/law").status, 200);
  const HttpReply restored = server_.Do("POST", restore);
  EXPECT_EQ(restored.status, 200) << restored.raw;
  EXPECT_EQ(restored.At("revision"), Revision());
  EXPECT_EQ(server_.Do("GET", "/api/v1/skills/law").status, 404);
  EXPECT_EQ(server_.Do("GET", "/api/v1/experts/clio").Header("etag"), before);
  const HttpReply again = server_.Do("GET", "/api/v1/revisions/compare?from=" + good);
  EXPECT_EQ(again.At("data.0.name"), "(absent)") << again.raw;
  EXPECT_EQ(server_.Do("POST", "/api/v1/revisions/999/restore").At("error.param"), "revision");
}

TEST_F(Revisions, TheRegistryTravelsAsOneFile) {
  ASSERT_EQ(server_.Do("POST", "/api/v1/experts", kClio).status, 201);
  ASSERT_EQ(server_
                .Do("POST", "/api/v1/experts/clio/samples",
                    R"({"samples":[{"prompt":"Who was Caesar?","score":1,"skill":"history"}]})")
                .status,
            200);
  const std::string text = server_.Do("GET", "/api/v1/registry/export?observations=true").body;
  const TestServer other(OneExpert(*replay_));
  const Headers type = {{"Content-Type", "application/x-ndjson"}};
  const HttpReply tried = other.Post("/api/v1/registry/import?dry_run=true", text, type);
  EXPECT_EQ(tried.At("experts"), "1") << tried.raw;
  EXPECT_EQ(other.Get("/api/v1/experts/clio").status, 404);
  const HttpReply imported = other.Post("/api/v1/registry/import", text, type);
  EXPECT_EQ(imported.status, 200) << imported.raw;
  EXPECT_EQ(imported.At("observations"), "1");
  const std::string again = other.Get("/api/v1/registry/export?observations=true").body;
  EXPECT_EQ(again.substr(again.find('\n')), text.substr(text.find('\n')));
  ASSERT_EQ(other.Post("/api/v1/skills", R"({"name":"law"})").status, 201);
  EXPECT_EQ(other.Post("/api/v1/registry/import?replace=true", text, type).At("removed"), "1");
  EXPECT_EQ(other.Get("/api/v1/skills/law").status, 404);
  EXPECT_EQ(other.Post("/api/v1/registry/import", "{}\n", type).status, 400);
}

TEST_F(Revisions, TheCommandLineWritesAndReadsTheFile) {
  ASSERT_EQ(server_.Do("POST", "/api/v1/experts", kClio).status, 201);
  const TempFolder folder;
  const std::string server = "http://127.0.0.1:" + std::to_string(server_.port());
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "registry");
    arguments.insert(arguments.end(), {"--server", server});
    return RunMoerge(arguments, folder.File("."));
  };
  EXPECT_EQ(run({"export", "--out", "r.jsonl"}).code, 0);
  ASSERT_EQ(server_.Do("DELETE", "/api/v1/experts/clio").status, 200);
  const Finished tried = run({"import", "r.jsonl", "--dry-run"});
  EXPECT_EQ(tried.code, 0) << tried.err;
  EXPECT_EQ(server_.Do("GET", "/api/v1/experts/clio").status, 404);
  const Finished imported = run({"import", "r.jsonl"});
  EXPECT_EQ(imported.code, 0) << imported.err;
  EXPECT_TRUE(Has(imported.out, "\"experts\":1")) << imported.out;
  EXPECT_EQ(server_.Do("GET", "/api/v1/experts/clio").status, 200);
  EXPECT_EQ(run({"import", "none.jsonl"}).code, 1);
}

}  // namespace
}  // namespace moerge::test
