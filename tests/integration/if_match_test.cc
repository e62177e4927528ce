// Every write of the API that changes what others may change too takes If-Match, and refuses to
// change another state than the one that was read. The document of the API tells which writes there
// are: a new one must stand in one of the two lists.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "config/base/json.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

// By operation: why there is no state that it could overwrite.
const std::map<std::string, std::string> kWithoutIfMatch = {
    {"POST /v1/chat/completions", "asks experts"},
    {"POST /v1/completions", "asks experts"},
    {"POST /v1/embeddings", "asks experts"},
    {"POST /v1/route", "decides, and keeps nothing"},
    {"POST /api/v1/bulk", "asks experts"},
    {"POST /api/v1/decisions/{id}/replay", "decides again, and keeps nothing"},
    {"POST /api/v1/policies/compare", "decides on paper"},
    {"POST /api/v1/backends/probe", "asks a server what it has"},
    {"POST /api/v1/backends", "makes a new one; a name that is taken is a 409"},
    {"POST /api/v1/skills", "makes a new one; a name that is taken is a 409"},
    {"POST /api/v1/policies", "makes a new one; a name that is taken is a 409"},
    {"POST /api/v1/keys", "makes a new one; a name that is taken is a 409"},
    {"POST /api/v1/vocabulary/proposals", "makes a new one, with an id of its own"},
    {"POST /api/v1/evaluations", "makes a new one; while another runs it is a 409"},
    {"POST /api/v1/evaluations/{id}/cancel", "ends what runs, in whatever state"},
    {"POST /v1/files", "makes a new one, with an id of its own"},
    {"DELETE /v1/files/{id}", "a file never changes"},
    {"POST /v1/batches", "makes a new one, with an id of its own"},
    {"POST /v1/batches/{id}/cancel", "ends what runs, in whatever state"},
    {"POST /api/v1/feedback", "a client's own word, in place of its own"},
    {"POST /api/v1/reload", "takes the file as it is"},
    {"POST /api/v1/session", "the client's own session"},
    {"DELETE /api/v1/session", "the client's own session"},
    {"POST /first/{token}", "good once"},
};

struct Write {
  std::string path;
  std::string body;
};

class IfMatch : public ::testing::Test {
 protected:
  void SetUp() override {
    const HttpReply key = server_.Do("POST", "/api/v1/keys", R"({"name":"boss","role":"admin"})");
    ASSERT_EQ(key.status, 201) << key.raw;
    secret_ = key.At("secret");
    for (const Write& made : std::vector<Write>{
             {"/api/v1/backends", R"({"name":"b","base_url":"http://127.0.0.1:9/v1"})"},
             {"/api/v1/experts", R"({"name":"e","backend":"replay","model":"ada"})"},
             {"/api/v1/skills", R"({"name":"s","description":"things","examples":["a thing"]})"},
             {"/api/v1/policies", R"({"name":"p","experts":1})"},
             {"/api/v1/profiles/import?source=t", kRow}}) {
      const HttpReply reply = Do("POST", made.path, made.body);
      ASSERT_TRUE(reply.status == 200 || reply.status == 201) << reply.raw;
    }
    ASSERT_EQ(Do("PUT", "/api/v1/policies/p/trial", kTrialBody).status, 200);
    const HttpReply proposal =
        Do("POST", "/api/v1/vocabulary/proposals", R"({"labels":["baking","boiling"]})");
    ASSERT_EQ(proposal.status, 201) << proposal.raw;
    FillIn(proposal.At("id"));
  }
  HttpReply Do(std::string_view method, std::string_view path, std::string_view body = {},
               const std::string& if_match = {}) const {
    Headers headers = Bearer(secret_.c_str());
    if (!if_match.empty()) headers.emplace_back("If-Match", if_match);
    return server_.Do(method, path, body, headers);
  }
  std::string Revision() const { return Do("GET", "/api/v1/experts").At("revision"); }

  // By operation: one that would change something if it were not for If-Match.
  void FillIn(const std::string& proposal) {
    const std::string proposals = "/api/v1/vocabulary/proposals/";
    writes_ = {
        {"PUT /api/v1/backends/{name}", {"/api/v1/backends/b", R"({"base_url":"http://[::1]/"})"}},
        {"PATCH /api/v1/backends/{name}", {"/api/v1/backends/b", R"({"max_concurrency":3})"}},
        {"DELETE /api/v1/backends/{name}", {"/api/v1/backends/b", ""}},
        {"POST /api/v1/experts",
         {"/api/v1/experts", R"({"name":"new","backend":"replay","model":"ada"})"}},
        {"PUT /api/v1/experts/{name}",
         {"/api/v1/experts/e", R"({"backend":"replay","model":"clio"})"}},
        {"PATCH /api/v1/experts/{name}", {"/api/v1/experts/e", R"({"description":"x"})"}},
        {"DELETE /api/v1/experts/{name}", {"/api/v1/experts/e", ""}},
        {"POST /api/v1/experts/{name}/samples",
         {"/api/v1/experts/e/samples", R"({"samples":[{"prompt":"2x = 4?","score":1}]})"}},
        {"POST /api/v1/experts/{name}/retire-skill",
         {"/api/v1/experts/e/retire-skill", R"({"skill":"s"})"}},
        {"PUT /api/v1/skills/{name}", {"/api/v1/skills/s", R"({"description":"x"})"}},
        {"PATCH /api/v1/skills/{name}", {"/api/v1/skills/s", R"({"description":"x"})"}},
        {"DELETE /api/v1/skills/{name}", {"/api/v1/skills/s", ""}},
        {"PUT /api/v1/policies/{name}", {"/api/v1/policies/p", R"({"experts":2})"}},
        {"PATCH /api/v1/policies/{name}", {"/api/v1/policies/p", R"({"experts":2})"}},
        {"DELETE /api/v1/policies/{name}", {"/api/v1/policies/p", ""}},
        {"PUT /api/v1/policies/{name}/trial", {"/api/v1/policies/p/trial", R"({"share":0.5})"}},
        {"DELETE /api/v1/policies/{name}/trial", {"/api/v1/policies/p/trial", ""}},
        {"POST /api/v1/policies/{name}/trial/promote", {"/api/v1/policies/p/trial/promote", "{}"}},
        {"PATCH /api/v1/keys/{name}", {"/api/v1/keys/boss", R"({"description":"x"})"}},
        {"DELETE /api/v1/keys/{name}", {"/api/v1/keys/boss", ""}},
        {"POST /api/v1/keys/{name}/rotate", {"/api/v1/keys/boss/rotate", "{}"}},
        {"PATCH /api/v1/vocabulary/proposals/{id}", {proposals + proposal, R"({"name":"x"})"}},
        {"DELETE /api/v1/vocabulary/proposals/{id}", {proposals + proposal, ""}},
        {"POST /api/v1/vocabulary/proposals/{id}/accept", {proposals + proposal + "/accept", "{}"}},
        {"POST /api/v1/vocabulary/proposals/{id}/reject", {proposals + proposal + "/reject", "{}"}},
        {"POST /api/v1/profiles/import", {"/api/v1/profiles/import?source=t", kRow}},
        {"POST /api/v1/profiles/forget",
         {"/api/v1/profiles/forget", R"({"source":"t","ids":["1"]})"}},
        {"DELETE /api/v1/profile-sources/{source}", {"/api/v1/profile-sources/t", ""}},
        {"POST /api/v1/tasks",
         {"/api/v1/tasks",
          R"({"name":"s","samples":[{"prompt":"a?","scores":{"ada":1,"clio":0}}]})"}},
        {"POST /api/v1/revisions/{revision}/restore", {"/api/v1/revisions/1/restore", "{}"}},
        {"POST /api/v1/registry/import", {"/api/v1/registry/import", ""}},
    };
    writes_["POST /api/v1/registry/import"].body = Do("GET", "/api/v1/registry/export").body;
  }

  static constexpr const char* kRow =
      R"({"id":"1","prompt":"Who ruled?","category":"history","scores":{"ada":0.3,"clio":1}})";
  static constexpr const char* kTrialBody = R"({"share":0.1,"candidate":{"experts":2}})";

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{"store: \"memory:\"\nbackends: [{name: replay, base_url: \"" +
                     UrlOf(*replay_) +
                     "\"}]\nexperts:\n  - {name: ada, backend: replay, model: ada}\n"
                     "  - {name: clio, backend: replay, model: clio}\n" +
                     kSmallSkills};
  std::string secret_;
  std::map<std::string, Write> writes_;
};

TEST_F(IfMatch, EveryWriteRefusesAnotherStateThanTheOneThatWasRead) {
  const std::string text = Do("GET", "/openapi.json").body;
  const auto document = json::Document::Parse(text);
  ASSERT_TRUE(document);
  const std::string before = Revision();
  std::set<std::string> seen;
  for (const json::Value path : document->root().Find("paths").children()) {
    for (const json::Value operation : path.children()) {
      std::string method(operation.key());
      if (method == "get") continue;
      for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
      const std::string name = method + " " + std::string(path.key());
      seen.insert(name);
      bool takes = false;
      for (const json::Value parameter : operation.Find("parameters").children()) {
        takes |= StringAt(parameter, "name") == "If-Match";
      }
      EXPECT_NE(takes, kWithoutIfMatch.contains(name)) << name;
      if (!takes) continue;
      ASSERT_TRUE(writes_.contains(name)) << name;
      const HttpReply reply = Do(method, writes_[name].path, writes_[name].body, "\"stale\"");
      EXPECT_EQ(reply.status, 412) << name << reply.raw;
      EXPECT_EQ(reply.At("error.code"), "stale") << name;
    }
  }
  EXPECT_EQ(Revision(), before) << "nothing was changed";
  for (const auto& [name, why] : kWithoutIfMatch) EXPECT_TRUE(seen.contains(name)) << name;
}

TEST_F(IfMatch, TheStateThatWasReadIsChangedOnce) {
  struct Case {
    std::string name;
    std::string read;
  };
  for (const Case& one :
       std::vector<Case>{{"POST /api/v1/tasks", "/api/v1/skills/s"},
                         {"POST /api/v1/profiles/import", "/api/v1/profile-sources/t"},
                         {"POST /api/v1/profiles/forget", "/api/v1/profile-sources/t"},
                         {"POST /api/v1/registry/import", "/api/v1/registry/export"},
                         {"POST /api/v1/revisions/{revision}/restore", "/api/v1/revisions"}}) {
    const Write write = writes_[one.name];
    const std::string tag = Do("GET", one.read).Header("etag");
    ASSERT_FALSE(tag.empty()) << one.name;
    const HttpReply done = Do("POST", write.path, write.body, tag);
    EXPECT_TRUE(done.status == 200 || done.status == 201) << one.name << done.raw;
    EXPECT_EQ(Do("POST", write.path, write.body, tag).status, 412) << one.name;
  }
  ASSERT_EQ(Do("POST", "/api/v1/profiles/import?source=t", kRow).status, 200);
  const std::string tag = Do("GET", "/api/v1/profile-sources/t").Header("etag");
  EXPECT_EQ(Do("DELETE", "/api/v1/profile-sources/t", "", tag).status, 200);
  EXPECT_EQ(Do("DELETE", "/api/v1/profile-sources/t", "", tag).status, 412);
  EXPECT_EQ(Do("GET", "/api/v1/profile-sources/t").status, 404);
}

TEST_F(IfMatch, SourcesOfEvidenceAreListed) {
  const HttpReply list = Do("GET", "/api/v1/profile-sources");
  EXPECT_EQ(list.At("data.0.source"), "t") << list.raw;
  EXPECT_EQ(list.At("data.0.experts"), "2");
  EXPECT_EQ(list.At("data.0.skills"), "1");
  EXPECT_EQ(list.At("data.0.trials"), "2");
}

}  // namespace
}  // namespace moerge::test
