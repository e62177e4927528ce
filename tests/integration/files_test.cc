// Files of any size over the API: on the disk as they arrive, in little memory, whole or not at
// all.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

constexpr const char* kFormHead =
    "--XyZ\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--XyZ\r\n"
    "Content-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n\r\n";
constexpr const char* kFormTail = "\r\n--XyZ--\r\n";

std::string HeadOf(const std::string& framing) {
  return "POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; "
         "boundary=XyZ\r\n" +
         framing + "\r\n\r\n";
}

std::string SizedHead(std::size_t content) {
  const std::size_t size = std::string(kFormHead).size() + content + std::string(kFormTail).size();
  return HeadOf("Content-Length: " + std::to_string(size));
}

std::string Chunk(const std::string& bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}

// Bytes that are different everywhere.
std::string Noise(std::size_t size) {
  std::string noise(size, '\0');
  std::uint32_t state = 1;
  for (char& c : noise) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return noise;
}

class Files : public ::testing::Test {
 protected:
  std::string Config() const {
    return "store: \"sqlite:" + folder_.File("moerge.db") + "\"\n" + kSmallSkills;
  }
  std::string RoomPath() const { return folder_.File("moerge.db.files"); }
  std::size_t FilesKept() const {
    std::error_code none;
    std::filesystem::directory_iterator all(RoomPath(), none);
    return none ? 0 : static_cast<std::size_t>(std::distance(all, {}));
  }

  TempFolder folder_;
};

TEST_F(Files, AFileMayBeLargerThanABody) {
  const TestServer server(Config(), "max_body: 1MiB, max_pending_bodies: 1MiB");
  const std::string content = Noise(5'000'000);
  for (const bool chunked : {false, true}) {
    RawClient client(server.port());
    if (chunked) {
      client.Send(HeadOf("Transfer-Encoding: chunked") + Chunk(kFormHead));
      for (std::size_t at = 0; at < content.size(); at += 777'777) {
        client.Send(Chunk(content.substr(at, 777'777)));
      }
      client.Send(Chunk(kFormTail) + "0\r\n\r\n");
    } else {
      client.Send(SizedHead(content.size()) + kFormHead + content + kFormTail);
    }
    const std::string reply = client.ReadReply();
    ASSERT_EQ(StatusOf(reply), 200) << reply;
    const std::string id = JsonAt(BodyOf(reply), "id");
    EXPECT_EQ(JsonAt(BodyOf(reply), "bytes"), "5000000");
    const HttpReply kept = server.Get("/v1/files/" + id + "/content");
    EXPECT_EQ(kept.Header("content-length"), "5000000");
    EXPECT_TRUE(kept.body == content) << kept.body.size();
    // The connection takes the next request.
    client.Send("GET /v1/files/" + id + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(StatusOf(client.ReadReply()), 200);
  }
  EXPECT_EQ(FilesKept(), 2u);
}

TEST_F(Files, AFileOverTheLimitIsRefused) {
  const TestServer server(Config(), "max_file: 1MiB");
  const std::string content(1'100'000, 'x');
  std::vector<std::string> replies;
  {
    RawClient announced(server.port());
    announced.Send(SizedHead(20'000'000));
    replies.push_back(announced.ReadReply());
  }
  {
    RawClient sized(server.port());
    sized.Send(SizedHead(content.size()) + kFormHead + content + kFormTail);
    replies.push_back(sized.ReadReply());
  }
  {
    RawClient chunked(server.port());
    chunked.Send(HeadOf("Transfer-Encoding: chunked") + Chunk(kFormHead) + Chunk(content));
    replies.push_back(chunked.ReadReply());
  }
  for (const std::string& reply : replies) {
    EXPECT_EQ(StatusOf(reply), 413) << reply;
    EXPECT_EQ(JsonAt(BodyOf(reply), "error.code"), "file_too_large");
    EXPECT_EQ(JsonAt(BodyOf(reply), "error.message"),
              "the file is larger than server.max_file allows: 1 MiB");
    // What had come whole needs no end of the connection.
    if (&reply != &replies[1]) {
      EXPECT_EQ(HeaderOf(reply, "connection"), "close");
    }
  }
  EXPECT_EQ(FilesKept(), 0u);
}

// Without a key nothing is read, and a client that asks first is told before it sends.
TEST_F(Files, ARefusedClientSendsNothing) {
  const TestServer server(
      Config() + "keys:\n  - {name: a, role: admin, sha256: " + std::string(64, 'a') + "}\n");
  RawClient client(server.port());
  client.Send(HeadOf("Expect: 100-continue\r\nContent-Length: 1000000"));
  const std::string reply = client.ReadReply();
  EXPECT_EQ(StatusOf(reply), 401) << reply;
  EXPECT_EQ(FilesKept(), 0u);
}

TEST_F(Files, WhatIsNotWholeLeavesNothing) {
  const TestServer server(Config());
  {
    RawClient leaves(server.port());
    leaves.Send(SizedHead(5'000'000) + kFormHead + std::string(2'000'000, 'x'));
    EXPECT_TRUE(Eventually([&] { return FilesKept() == 1; }));
  }
  EXPECT_TRUE(Eventually([&] { return FilesKept() == 0; })) << "the client has left";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {Chunk(std::string(kFormHead) + "x"), "its last boundary is missing"},
      {Chunk("nonsense"), "its boundary is not there"},
      {Chunk("--XyZ\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--XyZ--"),
       "`file` must be a file"}};
  for (const auto& [body, why] : cases) {
    RawClient client(server.port());
    client.Send(HeadOf("Transfer-Encoding: chunked") + body + "0\r\n\r\n");
    const std::string reply = client.ReadReply();
    EXPECT_EQ(StatusOf(reply), 400) << reply;
    EXPECT_TRUE(Has(BodyOf(reply), why)) << reply;
  }
  RawClient packed(server.port());
  packed.Send(HeadOf("Content-Encoding: gzip\r\nContent-Length: 10") + "0123456789");
  EXPECT_EQ(StatusOf(packed.ReadReply()), 415);
  EXPECT_EQ(FilesKept(), 0u);
}

TEST_F(Files, LeftoversOfADeadProcessGoAndOthersStay) {
  std::filesystem::create_directory(RoomPath());
  std::ofstream(RoomPath() + "/file-1.part") << "half";
  std::ofstream(RoomPath() + "/file-2") << "whole";
  const TestServer server(Config());
  EXPECT_FALSE(std::filesystem::exists(RoomPath() + "/file-1.part"));
  EXPECT_TRUE(std::filesystem::exists(RoomPath() + "/file-2"));
}

// "VmHWM" or the like of a process, in KiB.
std::int64_t MemoryOf(pid_t process, const std::string& field) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stoll(line.substr(field.size() + 1));
  }
  return -1;
}

std::uint16_t PortOf(Process& process) {
  EXPECT_TRUE(process.AwaitOutput(" listens"));
  EXPECT_TRUE(process.AwaitOutput("store="));
  const std::string text = process.output() + process.errors();
  const std::size_t at = text.find("127.0.0.1:");
  return static_cast<std::uint16_t>(std::stoi(text.substr(at + 10)));
}

TEST_F(Files, AnUploadTakesNoMemory) {
  const std::string config =
      folder_.Write("moerge.yaml", "server: {listen: 127.0.0.1:0, threads: 1}\n" + Config());
  Process process({"serve", "--config", config}, folder_.File(""));
  const std::uint16_t port = PortOf(process);
  constexpr std::size_t kPieces = 64;
  const std::string piece = Noise(1 << 20);
  RawClient client(port);
  client.Send(SizedHead(kPieces * piece.size()) + kFormHead + piece);
  EXPECT_TRUE(Eventually([&] { return FilesKept() == 1; }));
  const std::int64_t before = MemoryOf(process.pid(), "VmHWM");
  for (std::size_t i = 1; i < kPieces; ++i) client.Send(piece);
  client.Send(kFormTail);
  const std::string reply = client.ReadReply(std::chrono::seconds(60));
  ASSERT_EQ(StatusOf(reply), 200) << reply;
  const std::string id = JsonAt(BodyOf(reply), "id");
  const HttpReply kept = Call(port, "GET", "/v1/files/" + id + "/content");
  EXPECT_EQ(kept.body.size(), kPieces * piece.size());
  const std::int64_t after = MemoryOf(process.pid(), "VmHWM");
  EXPECT_GT(before, 0);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_LOG_(INFO) << "a sanitizer keeps memory of its own: " << after - before << " KiB";
#else
  EXPECT_LT(after - before, 24 << 10) << "KiB, for 64 MiB up and down";
#endif
}

// A limit on the size of files stands for a disk that is full.
TEST_F(Files, AFullDiskIsAClearErrorAndHarmsNothingElse) {
  const std::string config =
      folder_.Write("moerge.yaml", "server: {listen: 127.0.0.1:0}\n" + Config());
  Process process({"serve", "--config", config}, folder_.File(""));
  const std::uint16_t port = PortOf(process);
  const auto upload = [&](std::size_t size) {
    RawClient client(port);
    client.Send(SizedHead(size) + kFormHead + std::string(size, 'x') + kFormTail);
    return client.ReadReply();
  };
  rlimit limit{16 << 20, RLIM_INFINITY};
  ASSERT_EQ(::prlimit(process.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  const std::string refused = upload(20 << 20);
  EXPECT_EQ(StatusOf(refused), 507) << refused;
  EXPECT_EQ(JsonAt(BodyOf(refused), "error.code"), "disk_full");
  EXPECT_EQ(
      JsonAt(BodyOf(refused), "error.message"),
      "cannot write the file: File too large; remove files that are no longer needed, or give "
      "moerge's disk more room");
  EXPECT_EQ(FilesKept(), 0u);
  EXPECT_EQ(StatusOf(upload(1 << 20)), 200);
}

}  // namespace
}  // namespace moerge::test
