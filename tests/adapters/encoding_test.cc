// Replies that come compressed though identity was asked for.

#include "adapters/content_decoder.h"
#include "tests/adapters/protocol_fixture.h"
#include "tests/support/compressed.h"

namespace moerge::test {
namespace {

using Coding = ContentDecoder::Coding;

constexpr const char* kAnswer =
    R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]})";
const char* const kEvents =
    "data: "
    "{\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":"
    "\"stop\"}]}\n\n"
    "data: [DONE]\n\n";

std::string Reply(int status, const std::string& coding, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Encoding: " + coding +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct CodingRow {
  const char* name;
  const char* coding;
  int window;
};
constexpr CodingRow kCodingRows[] = {{"gzip", "gzip", 31},
                                     {"its old name", "x-gzip", 31},
                                     {"in capitals", "GZIP", 31},
                                     {"deflate as RFC 9110 means it", "deflate", 15},
                                     {"deflate as some mean it", "deflate", -15}};

class EncodingTest : public ProtocolFixture {};

TEST_F(EncodingTest, IsUndoneInWholeRepliesStreamsAndErrors) {
  for (const CodingRow& row : kCodingRows) {
    SCOPED_TRACE(row.name);
    const auto whole =
        Chat(Protocol::kOpenAi, Reply(200, row.coding, Compressed(kAnswer, row.window)));
    ASSERT_TRUE(whole.ok()) << whole.error().message;
    EXPECT_EQ(whole->content, "fine");
    EXPECT_FALSE(notes_.mended.empty());
    ChunkKeeper keeper;
    const std::string head = "Content-Encoding: " + std::string(row.coding) + "\r\n";
    const auto stream =
        Stream(Protocol::kOpenAi, StreamOf(Compressed(kEvents, row.window), head, 3), &keeper);
    ASSERT_TRUE(stream.ok()) << stream.error().message;
    EXPECT_EQ(stream->content_bytes, 4);
    const std::string error = R"({"error":{"message":"max_tokens is too large"}})";
    const auto refused =
        Chat(Protocol::kOpenAi, Reply(400, row.coding, Compressed(error, row.window)));
    EXPECT_NE(refused.error().message.find("max_tokens is too large"), std::string::npos);
  }
}

TEST_F(EncodingTest, WhatIsDamagedOrUnknownFails) {
  const std::string good = Compressed(kAnswer, 31);
  const std::pair<std::string, std::string> cases[] = {
      {"br", "anything"},
      {"gzip, gzip", Compressed(good, 31)},
      {"gzip", "not gzip at all"},
      {"gzip", good.substr(0, good.size() / 2)},
      {"gzip", good.substr(0, 3)},
      {"deflate", "\x78\x9cjunk"},
      {"gzip", Compressed(std::string(40 << 20, 'a'), 31)},  // 40 MB of 40 KB
  };
  for (const auto& [coding, body] : cases) {
    const auto reply = Chat(Protocol::kOpenAi, Reply(200, coding, body));
    ASSERT_FALSE(reply.ok()) << coding;
    EXPECT_EQ(reply.error().code, ErrorCode::kUpstream) << reply.error().message;
  }
  EXPECT_NE(Chat(Protocol::kOpenAi, Reply(200, "br", "x")).error().message.find("`br`"),
            std::string::npos);
}

TEST(ContentDecoder, TakesMembersInARowAndAnyCut) {
  const std::string two = Compressed("one ", 31) + Compressed("two", 31);
  for (std::size_t cut = 1; cut < two.size(); ++cut) {
    ContentDecoder decoder(Coding::kGzip);
    std::string out;
    for (std::size_t at = 0; at < two.size(); at += cut) {
      decoder.Feed(std::string_view(two).substr(at, cut));
      for (auto piece = decoder.Next(); piece && !piece->empty(); piece = decoder.Next()) {
        out.append(*piece);
      }
    }
    EXPECT_EQ(out, "one two") << cut;
    EXPECT_TRUE(decoder.finished());
  }
}

TEST(ContentDecoder, WholeTextsAreBounded) {
  const std::string bomb = Compressed(std::string(1 << 20, 'a'), 31);
  EXPECT_EQ(DecodeContent(Coding::kGzip, bomb, 1 << 20)->size(), 1u << 20);
  EXPECT_EQ(DecodeContent(Coding::kGzip, bomb, (1 << 20) - 1).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(DecodeContent(Coding::kGzip, bomb.substr(0, 20), 1 << 20).error().code,
            ErrorCode::kInvalid);
  EXPECT_EQ(DecodeContent(Coding::kGzip, "", 10).error().code, ErrorCode::kInvalid);
}

TEST_F(EncodingTest, ExpertsAreAskedForNone) {
  std::string seen;
  RawServer server([&seen](RawPeer& peer) {
    seen = peer.ReadRequest();
    peer.Send(OkReply(kAnswer));
  });
  const ChatCall call = CallTo(server, Protocol::kOpenAi, "");
  ASSERT_TRUE(RunTask(client_->Chat(call, CallScope())).ok());
  EXPECT_NE(seen.find("\r\nAccept-Encoding: identity\r\n"), std::string::npos) << seen;
}

}  // namespace
}  // namespace moerge::test
