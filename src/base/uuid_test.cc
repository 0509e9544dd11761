#include "base/uuid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/random.h"

namespace marconi::base {
namespace {

/// Fills with one byte, so that only what random_uuid itself sets differs.
class ConstantRandom final : public Random {
 public:
  explicit ConstantRandom(unsigned char byte) : byte_(byte) {}
  void fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{byte_}); }

 private:
  unsigned char byte_;
};

TEST(Uuid, ReadsAndWritesTheCanonicalForm) {
  const std::string text = "01234567-89ab-cdef-0011-2233445566ff";
  const auto uuid = Uuid::from_canonical(text);
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->bytes.front(), std::byte{0x01});
  EXPECT_EQ(uuid->bytes.back(), std::byte{0xff});
  EXPECT_EQ(uuid->to_string(), text);
}

TEST(Uuid, ReadsEitherCaseAndWritesLowerCase) {
  const auto uuid = Uuid::from_canonical("ABCDEFab-CDEF-abcd-EFAB-abcdefABCDEF");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->to_string(), "abcdefab-cdef-abcd-efab-abcdefabcdef");
}

TEST(Uuid, ReadsBackOnlyWhatItWrites) {
  const std::string text = "01234567-89ab-cdef-0011-2233445566ff";
  EXPECT_EQ(Uuid::from_string(text), Uuid::from_canonical(text));
  EXPECT_FALSE(Uuid::from_string("01234567-89ab-cdef-0011-2233445566fF"));
  EXPECT_FALSE(Uuid::from_string(text.substr(1)));
}

TEST(Uuid, RefusesEveryOtherForm) {
  for (const std::string text :
       {"", "0", "0123456789abcdef00112233445566ff", "01234567-89ab-cdef-0011-2233445566f",
        "01234567-89ab-cdef-0011-2233445566fff", "01234567-89ab-cdef-0011-2233445566fg",
        "{01234567-89ab-cdef-0011-22334455}", "012345678-9ab-cdef-0011-2233445566ff",
        "01234567-89ab-cdef-00112-233445566ff", " 1234567-89ab-cdef-0011-2233445566ff",
        "01234567_89ab_cdef_0011_2233445566ff", "01234567-89ab-cdef-0011-2233445566-f"}) {
    EXPECT_FALSE(Uuid::from_canonical(text)) << text;
  }
}

TEST(Uuid, RefusesAnyCharacterOutOfPlace) {
  const std::string valid = "01234567-89ab-cdef-0011-2233445566ff";
  for (std::size_t at = 0; at < valid.size(); ++at) {
    for (const char c : {'\0', '-', '/', ':', '@', 'G', '`', 'g', '\xff'}) {
      if (valid[at] == c) continue;
      std::string text = valid;
      text[at] = c;
      EXPECT_FALSE(Uuid::from_canonical(text)) << at << ' ' << c;
    }
  }
}

TEST(Uuid, WritesExactlyItsLength) {
  std::string out(Uuid::kTextLength + 1, '#');
  Uuid().write_to(out.data());
  EXPECT_EQ(out, "00000000-0000-0000-0000-000000000000#");
}

TEST(RandomUuid, CarriesItsVersionAndVariant) {
  ConstantRandom zeros(0x00);
  ConstantRandom ones(0xff);
  EXPECT_EQ(random_uuid(zeros), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(random_uuid(ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(RandomUuid, DiffersEachTime) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = random_uuid(random);
    ASSERT_TRUE(Uuid::from_canonical(text)) << text;
    ASSERT_TRUE(seen.insert(text).second) << text;
  }
}

}  // namespace
}  // namespace marconi::base
