#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace marconi::base {
namespace {

/// Gives the same octet for ever.
class ConstantRandom final : public Random {
 public:
  explicit ConstantRandom(std::byte octet) : octet_(octet) {}
  void fill(std::span<std::byte> out) override { std::ranges::fill(out, octet_); }

 private:
  std::byte octet_;
};

TEST(RandomFraction, goes_from_zero_to_just_below_one) {
  ConstantRandom least(std::byte{0});
  EXPECT_EQ(random_fraction(least), 0.0);
  ConstantRandom most(std::byte{0xff});
  EXPECT_LT(random_fraction(most), 1.0);
  EXPECT_GT(random_fraction(most), 0.999'999);
}

}  // namespace
}  // namespace marconi::base
