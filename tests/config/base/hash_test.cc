#include "config/base/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "config/base/random.h"
#include "config/base/secret.h"

namespace moerge {
namespace {

// Stored models depend on these: if this test fails, the hash was changed, which it must not be.
TEST(Hash, ValuesAreStable) {
  EXPECT_EQ(Hash64(""), 0x90271C50EDD7282AULL);
  EXPECT_EQ(Hash64("a"), 0xA1F343C8C0D74CA2ULL);
  EXPECT_EQ(Hash64("moerge"), 0x009A6822A980F15CULL);
  EXPECT_EQ(Hash64("what is 2 + 2 in base 3?"), 0xA4F14F8C4946FC60ULL);
  EXPECT_EQ(Hash64("moerge", 7), 0x6D1525AA5266EA19ULL);
}

TEST(Hash, ShortStringsDoNotCollide) {
  std::unordered_set<std::uint64_t> seen;
  std::size_t count = 0;
  const auto add = [&](const std::string& text) {
    seen.insert(Hash64(text));
    ++count;
  };
  for (int a = 0; a < 256; ++a) {
    add(std::string(1, static_cast<char>(a)));
    for (int b = 0; b < 256; ++b) add({static_cast<char>(a), static_cast<char>(b)});
  }
  for (int i = 0; i < 300'000; ++i) add("word" + std::to_string(i));
  for (std::size_t size = 3; size < 200; ++size) add(std::string(size, '\0'));
  EXPECT_EQ(seen.size(), count);
}

// Each input bit should change half of the output's bits, wherever it stands.
TEST(Hash, EveryInputBitReachesTheOutput) {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string text(size, 'q');
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      std::string other = text;
      other[bit / 8] ^= static_cast<char>(1 << (bit % 8));
      const int changed = std::popcount(Hash64(text) ^ Hash64(other));
      EXPECT_GE(changed, 12) << size << " " << bit;
      EXPECT_LE(changed, 52) << size << " " << bit;
    }
  }
}

TEST(Hash, LowBitsSpreadEvenly) {
  constexpr int kBuckets = 1024;
  std::vector<int> buckets(kBuckets);
  for (int i = 0; i < kBuckets * 100; ++i) ++buckets[Hash64("tok" + std::to_string(i)) % kBuckets];
  double chi = 0;
  for (const int count : buckets) chi += (count - 100.0) * (count - 100.0) / 100.0;
  EXPECT_LT(chi, 1250);  // mean 1023, deviation 45
  EXPECT_GT(chi, 800);
}

TEST(Hash, Sha256OfKnownTexts) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Random, IdsOfManyThreadsDiffer) {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& ids : made) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < 10'000; ++i) ids.push_back(RandomId());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& ids : made) all.insert(ids.begin(), ids.end());
  EXPECT_EQ(all.size(), 40'000u);
  EXPECT_EQ(all.begin()->size(), 32u);
  EXPECT_EQ(all.begin()->find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Random, TokensHaveSixtyFourDigits) {
  EXPECT_EQ(RandomToken().size(), 64u);
  EXPECT_NE(RandomToken(), RandomToken());
}

TEST(Random, ASeedGivesTheSameSequence) {
  Random a(42);
  Random b(42);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Next(), b.Next());
  for (int i = 0; i < 10'000; ++i) {
    const double u = a.Uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    ASSERT_LT(a.Below(7), 7u);
  }
}

TEST(Secret, ComparesInConstantTime) {
  EXPECT_TRUE(EqualConstantTime("abc", "abc"));
  EXPECT_TRUE(EqualConstantTime("", ""));
  EXPECT_FALSE(EqualConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualConstantTime("abc", "ab"));
}

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST(Secret, NothingPrintsOrConvertsIt) {
  EXPECT_FALSE(Streamable<Secret>);
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string>));
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string_view>));
  EXPECT_EQ(Secret("sk-1").Reveal(), "sk-1");
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace moerge
