#include "config/base/line_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "config/base/random.h"

namespace moerge {
namespace {

// A directory that is gone after the test.
class LineReaderTest : public testing::Test {
 protected:
  LineReaderTest() {
    std::string name = testing::TempDir() + "moerge_files_XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~LineReaderTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  std::string Write(const std::string& content) const {
    const std::string path = Path("input");
    EXPECT_TRUE(WriteFileAtomically(path, content).ok());
    return path;
  }

  // All lines; the last entry is "ERROR: ..." if reading failed.
  std::vector<std::string> Lines(const std::string& content) const {
    std::vector<std::string> lines;
    auto reader = LineReader::Open(Write(content));
    while (reader.ok()) {
      auto line = reader->Next();
      if (!line) lines.push_back("ERROR: " + line.error().message);
      if (!line || !*line) return lines;
      lines.push_back(**line);
    }
    return {"ERROR: " + reader.error().message};
  }

  std::string directory_;
};

std::string Gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

using Strings = std::vector<std::string>;

TEST_F(LineReaderTest, LineEndsAreTakenOff) {
  EXPECT_EQ(Lines("a\nb\r\n\nc"), (Strings{"a", "b", "", "c"}));
  EXPECT_EQ(Lines("a\n"), Strings{"a"});
  EXPECT_EQ(Lines("\n"), Strings{""});
  EXPECT_EQ(Lines(""), Strings{});
  EXPECT_EQ(Lines("\x1f"), Strings{"\x1f"});
  EXPECT_EQ(Lines(std::string("a\0b\n", 4)), Strings{std::string("a\0b", 3)});
}

TEST_F(LineReaderTest, LinesAreCounted) {
  auto reader = LineReader::Open(Write("a\nb\n"));
  EXPECT_EQ(reader->line_number(), 0u);
  (void)reader->Next();
  (void)reader->Next();
  EXPECT_EQ(reader->line_number(), 2u);
  EXPECT_EQ(*reader->Next(), std::nullopt);
  EXPECT_EQ(*reader->Next(), std::nullopt);
  EXPECT_EQ(reader->line_number(), 2u);
}

TEST_F(LineReaderTest, ALineTellsWhereItBegins) {
  std::string text = "a\r\n\nbc\n";
  const std::string long_line(400'000, 'x');
  text += long_line + "\n" + long_line + "\nlast";
  for (const bool packed : {false, true}) {
    auto reader = LineReader::Open(Write(packed ? Gzip(text) : text));
    EXPECT_EQ(reader->packed(), packed);
    for (auto line = reader->Next(); line.ok() && *line; line = reader->Next()) {
      EXPECT_EQ(text.substr(reader->line_offset(), (*line)->size()), **line);
    }
    EXPECT_EQ(reader->line_number(), 6u);
  }
}

TEST_F(LineReaderTest, TheLimitOfALineIsTheCallers) {
  auto reader = LineReader::Open(Write("12345\n123456\n"), 5);
  EXPECT_EQ(**reader->Next(), "12345");
  const auto longer = reader->Next();
  ASSERT_FALSE(longer.ok());
  EXPECT_EQ(longer.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(longer.error().message.find("line 2: longer than 5 bytes"), std::string::npos);
}

TEST_F(LineReaderTest, LinesLongerThanAChunk) {
  const std::string long_line(1'000'000, 'x');
  EXPECT_EQ(Lines(long_line + "\nb\n" + long_line), (Strings{long_line, "b", long_line}));
  EXPECT_EQ(Lines(Gzip(long_line + "\nb\n" + long_line)), (Strings{long_line, "b", long_line}));
}

TEST_F(LineReaderTest, AnEndlessLineIsRefused) {
  const Strings lines = Lines(Gzip("a\n" + std::string((64 << 20) + 300'000, 'x')));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(lines[1].find("line 2: longer than 64 MiB"), std::string::npos)
      << lines[1].substr(0, 200);
}

TEST_F(LineReaderTest, GzipMembersFollowEachOther) {
  EXPECT_EQ(Lines(Gzip("a\nb") + Gzip("c\n") + Gzip("") + Gzip("d")), (Strings{"a", "bc", "d"}));
  EXPECT_EQ(Lines(Gzip("a\n") + std::string(1000, '\0')), Strings{"a"});
}

TEST_F(LineReaderTest, DamagedGzipIsSaid) {
  const std::string packed = Gzip("first\n" + std::string(5000, 'y') + "\n");
  std::string wrong_sum = packed;
  wrong_sum[packed.size() - 6] ^= 1;
  const Strings damaged = {packed.substr(0, packed.size() - 1),
                           packed.substr(0, packed.size() / 2),
                           packed.substr(0, 5),
                           wrong_sum,
                           packed + "rest",
                           packed + packed.substr(0, 12),
                           "\x1f\x8b\xff not gzip",
                           packed + std::string("\0x", 2)};
  for (const std::string& content : damaged) {
    const Strings lines = Lines(content);
    ASSERT_FALSE(lines.empty());
    EXPECT_NE(lines.back().find("is damaged"), std::string::npos) << lines.back().substr(0, 100);
  }
}

TEST_F(LineReaderTest, RandomDamageNeverGoesUnseen) {
  std::string text;
  Random random(4);
  for (int i = 0; i < 2000; ++i) text += std::to_string(random.Next()) + "\n";
  const std::string packed = Gzip(text);
  for (int i = 0; i < 200; ++i) {
    std::string damaged = packed;
    damaged[10 + random.Below(packed.size() - 10)] ^= static_cast<char>(1 + random.Below(255));
    const Strings lines = Lines(damaged);
    EXPECT_TRUE(!lines.empty() && lines.back().starts_with("ERROR"));
  }
}

TEST_F(LineReaderTest, AMissingFileIsNamedWithTheReason) {
  const auto reader = LineReader::Open(Path("none"));
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(reader.error().message, "cannot open " + Path("none") + ": No such file or directory");
}

TEST_F(LineReaderTest, ADirectoryIsNoFile) {
  EXPECT_FALSE(LineReader::Open(directory_).ok());
  EXPECT_FALSE(ReadFile(directory_).ok());
}

TEST_F(LineReaderTest, FilesAreReplacedWhole) {
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "one").ok());
  ASSERT_EQ(::chmod(Path("f").c_str(), 0640), 0);
  ASSERT_EQ(::symlink(Path("f").c_str(), Path("link").c_str()), 0);
  ASSERT_TRUE(WriteFileAtomically(Path("link"), "two").ok());
  EXPECT_EQ(*ReadFile(Path("f")), "two");
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
  struct stat status {};
  ASSERT_EQ(::stat(Path("f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 2);
}

TEST_F(LineReaderTest, AFileThatCannotBeWrittenIsSaid) {
  const Status status = WriteFileAtomically(Path("no/such/directory"), "x");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace moerge
