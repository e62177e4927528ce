// The dashboard's files, as a browser asks for them.
#include <gtest/gtest.h>

#include "config/base/hash.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

const std::string kPlain = std::string("store: \"memory:\"\n") + kSmallSkills;
std::string Keyed() {
  return "keys: [{name: boss, role: admin, sha256: " + Sha256Hex(kAdmin) + "}]\n" + kPlain;
}

TEST(Dashboard, TheRootLeadsToThePageAndThePageNeedsNoKey) {
  const TestServer server(Keyed());
  const HttpReply root = server.Get("/");
  EXPECT_EQ(root.status, 302);
  EXPECT_EQ(root.Header("location"), "/ui/");
  const HttpReply page = server.Get("/ui/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.Header("content-encoding"), "");
  EXPECT_NE(page.body.find("moerge"), std::string::npos);
  // The page's own paths, of whatever depth, are the page.
  for (const char* path : {"/ui", "/ui/experts", "/ui/requests/0123/calls", "/ui/index.html"}) {
    EXPECT_EQ(server.Get(path).body, page.body) << path;
  }
  EXPECT_EQ(server.Get("/ui/assets/no-such-file.js").status, 404);
  EXPECT_EQ(server.Post("/ui/", "{}").status, 405);
}

TEST(Dashboard, TheBrowserIsToldToLoadNothingFromElsewhere) {
  const TestServer server(kPlain);
  const HttpReply page = server.Get("/ui/");
  const std::string policy = page.Header("content-security-policy");
  for (const char* part : {"default-src 'none'", "script-src 'self'", "connect-src 'self'",
                           "frame-ancestors 'none'", "base-uri 'none'"}) {
    EXPECT_NE(policy.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(page.Header("referrer-policy"), "no-referrer");
  EXPECT_EQ(page.Header("cache-control"), "no-cache");
}

TEST(Dashboard, IsSentCompressedToThoseThatTakeItAndNotAgainToThoseThatHaveIt) {
  const TestServer server(kPlain);
  struct Case {
    const char* accepted;
    const char* coding;
  };
  for (const Case& item :
       {Case{"gzip, deflate, br", "gzip"}, Case{"br;q=1.0, GZIP;q=0.5", "gzip"}, Case{"*", "gzip"},
        Case{"gzip;q=0", ""}, Case{"br", ""}, Case{"identity", ""}}) {
    const Headers headers = {{"Accept-Encoding", item.accepted}};
    const HttpReply reply = server.Get("/ui/", headers);
    EXPECT_EQ(reply.status, 200) << item.accepted;
    EXPECT_EQ(reply.Header("content-encoding"), item.coding) << item.accepted;
    EXPECT_EQ(reply.body.starts_with("\x1f\x8b"), item.coding[0] != '\0') << item.accepted;
    EXPECT_EQ(reply.Header("vary"), "Accept-Encoding");
  }
  const std::string zipped = server.Get("/ui/", {{"Accept-Encoding", "gzip"}}).Header("etag");
  const std::string plain = server.Get("/ui/").Header("etag");
  EXPECT_NE(zipped, plain);
  const auto with = [&](const std::string& known, const char* accepted) {
    return server.Get("/ui/", {{"If-None-Match", known}, {"Accept-Encoding", accepted}});
  };
  const HttpReply again = with("\"other\", W/" + zipped, "gzip");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.Header("etag"), zipped);
  EXPECT_EQ(with(plain, "identity").status, 304);
  EXPECT_EQ(with("*", "gzip").status, 304);
  EXPECT_EQ(with(plain, "gzip").status, 200);
}

TEST(Dashboard, HeadSaysWhatGetWouldSend) {
  const TestServer server(kPlain);
  const HttpReply got = server.Get("/ui/");
  const HttpReply head = Call(server.port(), "HEAD", "/ui/");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.Header("etag"), got.Header("etag"));
  EXPECT_EQ(head.Header("content-length"), std::to_string(got.body.size()));
}

TEST(Dashboard, ALinkFromAnotherSiteOpensThePageAndNothingElse) {
  const TestServer server(kPlain);
  const Headers link = {{"Sec-Fetch-Site", "cross-site"},
                        {"Sec-Fetch-Mode", "navigate"},
                        {"Sec-Fetch-Dest", "document"}};
  EXPECT_EQ(server.Get("/ui/experts", link).status, 200);
  EXPECT_EQ(server.Get("/", link).status, 302);
  EXPECT_EQ(server.Get("/api/v1/experts", link).status, 403);
  const Headers frame = {{"Sec-Fetch-Site", "cross-site"},
                         {"Sec-Fetch-Mode", "navigate"},
                         {"Sec-Fetch-Dest", "iframe"}};
  EXPECT_EQ(server.Get("/ui/", frame).status, 403);
  const Headers script = {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}};
  EXPECT_EQ(server.Get("/ui/", script).status, 403);
}

}  // namespace
}  // namespace moerge::test
