// Replies that come compressed though identity was asked for.

#include "adapters/content_decoder.h"
#include "adapters/unpacker.h"
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
      {"zstd", "anything"},
      {"gzip, zstd", "anything"},
      {"gzip, gzip", good},
      {"gzip, gzip, gzip, gzip", Compressed(Compressed(Compressed(good, 31), 31), 31)},
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
  const std::string told = Chat(Protocol::kOpenAi, Reply(200, "zstd", "x")).error().message;
  EXPECT_NE(told.find("`zstd`"), std::string::npos) << told;
  EXPECT_NE(told.find(KnownCodings()), std::string::npos) << told;
}

// What stands in the header without being a coding is passed over, as clients do.
TEST_F(EncodingTest, IsReadInAnyListAndBesideWordsThatAreNoCoding) {
  const std::string once = Compressed(kAnswer, 31);
  const std::pair<std::string, std::string> cases[] = {
      {"utf-8", kAnswer},
      {"none", kAnswer},
      {"UTF8, identity", kAnswer},
      {"binary", kAnswer},
      {"aws-chunked", kAnswer},
      {"chunked", kAnswer},
      {"", kAnswer},
      {", ,", kAnswer},
      {"gzip, identity", once},
      {"identity, gzip", once},
      {"utf-8,GZIP", once},
      {"gzip, gzip", Compressed(once, 31)},
      {"gzip,deflate", Compressed(once, 15)},
  };
  for (const auto& [coding, body] : cases) {
    SCOPED_TRACE(coding);
    const auto reply = Chat(Protocol::kOpenAi, Reply(200, coding, body));
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply->content, "fine");
  }
}

// What brotli makes of kAnswer, kEvents, an error, 40 MiB and 1 MiB of the letter a.
const char* const kBrotliAnswer =
    "1b7400008cc374a33d7f84706d36190fef8ec81f50e641706dc1b595fdd661e9eaab93bb2616901eb2e8de9ab740a8"
    "c"
    "06dc8ef2d2a8cbac26ca85240d98a471c72d85c529250a0d0005c52fa61ccdd3dd79705153d7fff5ced";
const char* const kBrotliEvents =
    "1b6c00182c0aec46638a87ab41611eedd2eb432db2b705b31558bafa16485beab0f4a588ce1734e3803d0ee8b58db2"
    "d"
    "dcd0d4e2c2ef0067d7d7c105d90447f94a5e571ca726109075dc619e8b340e5f14e80fc4bcc00";
const char* const kBrotliError =
    "0b17807b226572726f72223a7b226d657373616765223a226d61785f746f6b656e7320697320746f6f206c61726765"
    "227"
    "d7d03";
const char* const kBrotliBomb =
    "cbffff3ff825c2e2b14020f7fe8fffff7ff04b00c4611180eefd1fffffffe0970088c30200ddfb3ffeffffc12f0110"
    "87"
    "0500baf77ff9ffff875f02200e0b0074efff00";
const char* const kBrotliMebibyte = "5bffff8f5f222c1e0b0472ef1f00";

TEST_F(EncodingTest, BrotliIsUndoneWhereItsLibraryIs) {
  if (!HasBrotli()) {
    EXPECT_FALSE(ParseCoding("br"));
    EXPECT_FALSE(Chat(Protocol::kOpenAi, Reply(200, "br", BytesOfHex(kBrotliAnswer))).ok());
    return;
  }
  const auto whole = Chat(Protocol::kOpenAi, Reply(200, "br", BytesOfHex(kBrotliAnswer)));
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  EXPECT_EQ(whole->content, "fine");
  for (const std::size_t cut : {1u, 3u, 1000u}) {
    ChunkKeeper keeper;
    const auto stream =
        Stream(Protocol::kOpenAi,
               StreamOf(BytesOfHex(kBrotliEvents), "Content-Encoding: BR\r\n", cut), &keeper);
    ASSERT_TRUE(stream.ok()) << stream.error().message;
    EXPECT_EQ(stream->content_bytes, 4);
  }
  const auto refused = Chat(Protocol::kOpenAi, Reply(400, "br", BytesOfHex(kBrotliError)));
  EXPECT_NE(refused.error().message.find("max_tokens is too large"), std::string::npos);
}

TEST_F(EncodingTest, BrotliThatIsDamagedCutOrABombFails) {
  const std::string good = BytesOfHex(kBrotliAnswer);
  for (const std::string& body : {std::string("not brotli at all"), std::string(),
                                  good.substr(0, good.size() / 2), BytesOfHex(kBrotliBomb)}) {
    const auto reply = Chat(Protocol::kOpenAi, Reply(200, "br", body));
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, ErrorCode::kUpstream) << reply.error().message;
  }
  if (!HasBrotli()) return;
  const std::string bomb = BytesOfHex(kBrotliMebibyte);
  EXPECT_EQ(DecodeContent(Coding::kBrotli, bomb, 1 << 20)->size(), 1u << 20);
  EXPECT_EQ(DecodeContent(Coding::kBrotli, bomb, (1 << 20) - 1).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(DecodeContent(Coding::kBrotli, bomb.substr(0, 5), 1 << 20).error().code,
            ErrorCode::kInvalid);
  EXPECT_EQ(DecodeContent(Coding::kBrotli, "", 10).error().code, ErrorCode::kInvalid);
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
