#include "storage/embedded/log_checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace marconi::storage::embedded {

namespace {

std::uint32_t checksum(std::string_view bytes, std::uint32_t before = 0) {
  return __wrap__ZN7rocksdb6crc32c6ExtendEjPKcm(before, bytes.data(), bytes.size());
}

std::string random_bytes(std::size_t size) {
  std::mt19937 source(1);
  std::string bytes(size, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(source());
  return bytes;
}

TEST(LogChecksum, is_the_one_that_everybody_knows) {
  EXPECT_EQ(checksum("123456789"), 0xe3069283);
  EXPECT_EQ(checksum(std::string(32, '\0')), 0x8a9136aa);
  EXPECT_EQ(checksum(""), 0u);
}

// Logs are read by programs that compute it otherwise, and the other way round.
TEST(LogChecksum, is_that_of_rocksdb_for_all_lengths_and_places) {
  const auto bytes = random_bytes(2000);
  const std::string_view all(bytes);
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; from + size <= all.size(); ++size) {
      const auto part = all.substr(from, size);
      ASSERT_EQ(checksum(part), __real__ZN7rocksdb6crc32c6ExtendEjPKcm(0, part.data(), part.size()))
          << size << " bytes from " << from;
    }
  }
}

TEST(LogChecksum, goes_on_from_the_bytes_before) {
  const auto bytes = random_bytes(1000);
  const std::string_view all(bytes);
  for (std::size_t size = 0; size <= all.size(); ++size) {
    EXPECT_EQ(checksum(all.substr(size), checksum(all.substr(0, size))), checksum(all)) << size;
  }
}

TEST(LogChecksum, is_put_together_of_those_of_the_parts) {
  const auto bytes = random_bytes(400);
  const std::string_view all(bytes);
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const auto before = all.substr(0, size);
    const auto behind = all.substr(size);
    EXPECT_EQ(__wrap__ZN7rocksdb6crc32c13Crc32cCombineEjjm(checksum(before), checksum(behind),
                                                           behind.size()),
              checksum(all))
        << size;
  }
}

TEST(LogChecksum, is_put_together_as_rocksdb_does_for_parts_of_any_size) {
  std::mt19937_64 source(2);
  for (int bits = 0; bits < 64; ++bits) {
    const auto before = static_cast<std::uint32_t>(source());
    const auto behind = static_cast<std::uint32_t>(source());
    const std::size_t size = source() >> bits;
    EXPECT_EQ(__wrap__ZN7rocksdb6crc32c13Crc32cCombineEjjm(before, behind, size),
              __real__ZN7rocksdb6crc32c13Crc32cCombineEjjm(before, behind, size))
        << size;
  }
}

}  // namespace

}  // namespace marconi::storage::embedded
